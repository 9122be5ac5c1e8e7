"""Our own icons: strokes on a grid of 24, drawn in the colour of the text around them.

Subjects name theirs in the country file; an unknown name becomes a book. All are decoration: what they mean is
always written beside them.
"""

from __future__ import annotations

from markupsafe import Markup

_STROKES = {
    # subjects
    "atom": '<circle cx="12" cy="12" r="1.6"/><ellipse cx="12" cy="12" rx="10" ry="4"/>'
    '<ellipse cx="12" cy="12" rx="10" ry="4" transform="rotate(60 12 12)"/>'
    '<ellipse cx="12" cy="12" rx="10" ry="4" transform="rotate(120 12 12)"/>',
    "book": '<path d="M12 6.5C10 5 6.5 4.5 3 5v13.5c3.5-.5 7 0 9 1.5 2-1.5 5.5-2 9-1.5V5c-3.5-.5-7 0-9 1.5zM12 6.5V20"/>',
    "calculator": '<rect x="5" y="2.5" width="14" height="19" rx="2.5"/><path d="M8.5 6.5h7v3.5h-7zM8.5 14h.01M12 14h.01M15.5 14h.01M8.5 17.5h.01M12 17.5h.01M15.5 17.5h.01"/>',
    "globe": '<circle cx="12" cy="12" r="9.5"/><path d="M2.5 12h19M12 2.5c3 3 4 6 4 9.5s-1 6.5-4 9.5c-3-3-4-6-4-9.5s1-6.5 4-9.5z"/>',
    "flask": '<path d="M9 2.5h6M10 2.5v6.5L4.200 18.600A2 2 0 0 0 6 21.5h12a2 2 0 0 0 1.800-2.900L14 9V2.5M7 15h10"/>',
    "leaf": '<path d="M4 20c0-9 5-15.5 17-16.5C21 14 16.5 19.5 9 19.5c-1.800 0-3-.5-4-1.5M4 20c2-5 5.5-8.5 10-10.5"/>',
    "music": '<circle cx="6.5" cy="18" r="3"/><circle cx="17.5" cy="16" r="3"/><path d="M9.5 18V6l11-2.5V16M9.5 10l11-2.5"/>',
    "palette": '<path d="M12 2.5a9.5 9.5 0 1 0 0 19c1.700 0 2.300-1.200 1.700-2.600-.7-1.700.3-3.400 2.300-3.400h2.5c1.900 0 3-1.400 3-3.5 0-5.5-4.300-9.5-9.5-9.5zM7 11h.01M10 7h.01M15 7h.01M18 11h.01"/>',
    "run": '<circle cx="15" cy="4.5" r="2"/><path d="M5 10.5l3.5-3 4 .5 2.5 4 4 1M12.5 8l-3 6.5 4.5 2.5V22M9.5 14.5L8 18l-4.5 1"/>',
    "code": '<path d="M8 6.5L2.5 12 8 17.5M16 6.5l5.5 5.5-5.5 5.5M14 4l-4 16"/>',
    "gear": '<circle cx="12" cy="12" r="3.200"/><path d="M12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M5.300 5.300l2.100 2.100M16.600 16.600l2.100 2.100M5.300 18.700l2.100-2.100M16.600 7.400l2.100-2.100"/><circle cx="12" cy="12" r="6.800"/>',
    "speech": '<path d="M4.5 4h15a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H12l-5 4.5V17H4.5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM7 8.5h10M7 12.5h6"/>',
    "scales": '<path d="M12 3v18M7.5 21h9M4 6.5h16M6 6.5L2.5 14h7L6 6.5zM18 6.5L14.5 14h7L18 6.5zM2.5 14a3.5 3 0 0 0 7 0M14.5 14a3.5 3 0 0 0 7 0"/>',
    "star": '<path d="M12 2.800l2.800 5.900 6.400.8-4.700 4.5 1.200 6.400L12 17.300l-5.700 3.100 1.200-6.400L2.800 9.5l6.400-.8z"/>',
    # the pages' own
    "search": '<circle cx="10.5" cy="10.5" r="7"/><path d="M15.800 15.800L21.5 21.5"/>',
    "whole": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "next": '<path d="M9 4.5l7.5 7.5L9 19.5"/>',
    "previous": '<path d="M15 4.5L7.5 12l7.5 7.5"/>',
    "clock": '<circle cx="12" cy="12" r="9.5"/><path d="M12 6.5V12l4 2.5"/>',
    "weight": '<circle cx="12" cy="5.5" r="3"/><path d="M7.5 8.500h9a1.500 1.500 0 0 1 1.500 1.200l2.500 9.500a1.500 1.500 0 0 1-1.500 1.800H5a1.500 1.500 0 0 1-1.500-1.800L6 9.700a1.500 1.500 0 0 1 1.500-1.200z"/>',
    "download": '<path d="M12 3v11M7.5 10l4.5 4.5L16.5 10M4 17.5V20h16v-2.5"/>',
    "upload": '<path d="M12 16V4M7.5 8.5L12 4l4.500 4.500M4 17.500V20h16v-2.500"/>',
    "camera": '<path d="M3 7.500h4l2-3h6l2 3h4a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V8.500a1 1 0 0 1 1-1z"/><circle cx="12" cy="13.500" r="3.500"/>',
    "folder": '<path d="M2.500 6a1.500 1.500 0 0 1 1.500-1.500h5l2.500 3H20a1.500 1.500 0 0 1 1.500 1.500v9.500a1.500 1.500 0 0 1-1.500 1.500H4a1.500 1.500 0 0 1-1.500-1.500z"/>',
    "turn-left": '<path d="M4 10.500h9a6 6 0 0 1 0 12H9M8 6l-4 4.500L8 15"/>', "turn-right": '<path d="M20 10.500h-9a6 6 0 0 0 0 12h4M16 6l4 4.500-4 4.500"/>',
    "level": '<path d="M12 4L1.5 9 12 14l10.5-5L12 4zM6 11.5V17c2 1.800 4 2.5 6 2.5s4-.7 6-2.5v-5.5M22.5 9v6"/>',
    "language": '<circle cx="12" cy="12" r="9.5"/><path d="M2.5 12h19M12 2.5c3 3 4 6 4 9.5s-1 6.5-4 9.5c-3-3-4-6-4-9.5s1-6.5 4-9.5z"/>',
    "home": '<path d="M3 11l9-7.5 9 7.5M5.5 9v11.5h13V9M10 20.5V14h4v6.5"/>',
    "text": '<path d="M5 2.5h9.5l5 5V21a.5.5 0 0 1-.5.5H5a.5.5 0 0 1-.5-.5V3a.5.5 0 0 1 .5-.5zM14 2.5V8h5.5M8 12h8M8 16h6"/>',
    "video": '<rect x="2.5" y="4.5" width="19" height="15" rx="2.5"/><path d="M10 8.800v6.400l5.200-3.200z"/>',
    "audio": '<path d="M4 9.5v5h3.5L13 19V5L7.5 9.5zM16.5 9a4.200 4.200 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11"/>',
    "image": '<rect x="2.5" y="4" width="19" height="16" rx="2.5"/><circle cx="8" cy="9" r="1.800"/><path d="M3 17.5l5.5-5 4 3.5 4-4.5 5 5"/>',
    "waiting": '<path d="M6.5 2.5h11M6.5 21.5h11M8 2.5v4l4 5.5 4-5.5v-4M8 21.5v-4l4-5.5 4 5.5v4"/>',
    "check": '<path d="M4 12.5l5.5 5.5L20.5 6.5"/>',
    "warning": '<path d="M12 3L1.5 21h21L12 3zM12 9.5v5.5M12 18h.01"/>',
    "flag": '<path d="M5 21.500V3M5 4c4.500-2.500 8 2.500 14 0v10c-6 2.500-9.500-2.500-14 0"/>',
    "exercise": '<path d="M4 20l1-4.500L16 4.500a2 2 0 0 1 3 0l.5.5a2 2 0 0 1 0 3L8.500 19 4 20zM14 6.500l3.500 3.500"/>',
    "share": '<circle cx="6" cy="12" r="3"/><circle cx="18" cy="5.5" r="3"/><circle cx="18" cy="18.5" r="3"/><path d="M8.700 10.600l6.600-3.600M8.700 13.400l6.600 3.600"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c0-4 2.800-6.500 6.500-6.500s6.500 2.500 6.500 6.500M16 4.900a3.500 3.500 0 0 1 0 6.300M18 14c2.200.9 3.500 3 3.500 6"/>',
    "up": '<path d="M4.5 15L12 7.500l7.500 7.500"/>',
    "down": '<path d="M4.5 9L12 16.500 19.500 9"/>',
    "shield": '<path d="M12 2.5l8.5 3v6c0 5-3.5 8.5-8.5 10-5-1.5-8.5-5-8.5-10v-6z"/><path d="M8.5 11.5l2.700 2.700 4.5-4.700"/>',
}  # fmt: skip
#: Icons that point along the line and turn round with it.
_ALONG = {"next", "previous"}
#: The icon of each kind of part.
OF_PART = {
    "video": "video", "audio": "audio", "image": "image", "file": "download", "epub": "book",
    "h5p": "exercise", "quiz": "exercise", "scorm": "exercise",
}  # fmt: skip


def icon(name: str) -> Markup:
    """The icon called *name*, to be placed into a page."""
    shape = _STROKES.get(name, _STROKES["book"])
    kind = "icon along" if name in _ALONG else "icon"
    return Markup(f'<svg class="{kind}" viewBox="0 0 24 24" aria-hidden="true">{shape}</svg>')  # noqa: S704 - our own table


def strokes(name: str) -> str:
    """The bare shapes of the icon called *name*, for a drawing that has its own frame."""
    return _STROKES.get(name, _STROKES["book"])
