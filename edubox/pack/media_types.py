"""Which media type a file name has: one table, so that every platform builds the same lesson.

Python's ``mimetypes`` reads the system's own tables, which differ; a manifest may not. Text types carry no
charset: files say it themselves, and servers send what the manifest says.
"""

from __future__ import annotations

UNKNOWN = "application/octet-stream"

_TABLE = {
    # pages and what they are made of
    "html": "text/html", "htm": "text/html", "xhtml": "application/xhtml+xml", "css": "text/css",
    "js": "text/javascript", "mjs": "text/javascript", "json": "application/json", "map": "application/json",
    "wasm": "application/wasm", "xml": "application/xml", "webmanifest": "application/manifest+json",
    "woff2": "font/woff2", "woff": "font/woff", "ttf": "font/ttf", "otf": "font/otf",
    "eot": "application/vnd.ms-fontobject",
    # pictures
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "avif": "image/avif", "svg": "image/svg+xml", "ico": "image/vnd.microsoft.icon", "bmp": "image/bmp",
    "apng": "image/apng", "tif": "image/tiff", "tiff": "image/tiff", "heic": "image/heic", "heif": "image/heif",
    # sound and film
    "mp3": "audio/mpeg", "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "m4a": "audio/mp4",
    "aac": "audio/aac", "wav": "audio/wav", "flac": "audio/flac", "weba": "audio/webm", "mid": "audio/midi",
    "midi": "audio/midi", "wma": "audio/x-ms-wma", "amr": "audio/amr",
    "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "ogv": "video/ogg", "mov": "video/quicktime",
    "avi": "video/x-msvideo", "wmv": "video/x-ms-wmv", "mkv": "video/x-matroska", "3gp": "video/3gpp",
    "flv": "video/x-flv", "mpg": "video/mpeg", "mpeg": "video/mpeg", "vtt": "text/vtt",
    "srt": "application/x-subrip",
    # documents
    "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown", "markdown": "text/markdown",
    "csv": "text/csv", "tsv": "text/tab-separated-values", "rtf": "application/rtf", "tex": "application/x-tex",
    "ipynb": "application/x-ipynb+json", "py": "text/x-python", "epub": "application/epub+zip",
    "opf": "application/oebps-package+xml", "ncx": "application/x-dtbncx+xml", "smil": "application/smil+xml",
    "gift": "text/plain", "odt": "application/vnd.oasis.opendocument.text", "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet", "odg": "application/vnd.oasis.opendocument.graphics",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ggb": "application/vnd.geogebra.file", "sb3": "application/x.scratch.sb3", "h5p": "application/zip",
    "mbz": "application/vnd.moodle.backup", "imscc": "application/zip", "zim": "application/x-openzim",
    "zip": "application/zip", "gz": "application/gzip", "tar": "application/x-tar",
    "7z": "application/x-7z-compressed",
}  # fmt: skip


def extension(path: str) -> str:
    """The last extension of *path* in small letters and without its dot, or nothing."""
    name = path.rpartition("/")[2]
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def media_type(path: str) -> str:
    """The media type of the file *path*, ``application/octet-stream`` if its extension says nothing."""
    return _TABLE.get(extension(path), UNKNOWN)
