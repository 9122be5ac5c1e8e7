"""Small Moodle backups and course cartridges made in memory, with users whose names must never be seen again."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

from tests.importers.packages import zipped

#: What users.xml and other places of a backup say of people; none of it may leave the backup.
NEEDLES = (
    "Zébulon", "Quetzalcoatl", "zebulon.q@ecole.example", "0699887766", "Une rue secrète", "xX_zebulon_Xx", "Mon devoir secret",
    "Madame Auteure", "Groupe des Pinsons",
)  # fmt: skip
USERS = f"""<?xml version="1.0" encoding="UTF-8"?><users><user id="77" contextid="5"><username>xX_zebulon_Xx</username>
<email>{NEEDLES[2]}</email><phone1>{NEEDLES[3]}</phone1><address>{NEEDLES[4]}</address><firstname>{NEEDLES[0]}</firstname>
<lastname>{NEEDLES[1]}</lastname></user></users>"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


class Backup:
    """A backup being made. ``add`` puts an activity in the section that ``section`` began."""

    def __init__(self, name="Les volcans", lang="fr"):
        self.members = {
            "users.xml": USERS, "groups.xml": f"<groups><group><name>{NEEDLES[8]}</name></group></groups>",
            "course/course.xml": f'<course id="4" contextid="22"><fullname>{name}</fullname><lang>{lang}</lang></course>',
            "moodle_backup.log": f"user {NEEDLES[0]}",
        }  # fmt: skip
        self.name, self.sections, self.activities, self.files = name, [], [], []

    def section(self, name="", visible=1, summary="", parent=""):
        self.sections.append(
            {"name": name, "visible": visible, "summary": summary, "parent": parent, "modules": []}
        )
        return self

    def add(self, kind, title="T", inside="", visible=1, files=(), area=None, item=0, raw=None):
        """An activity; *files* are (path, bytes) of its *area*."""
        number = len(self.activities) + 1
        self.activities.append((number, len(self.sections), kind, title))
        self.sections[-1]["modules"].append(number)
        folder = f"activities/{kind}_{number}"
        self.members[f"{folder}/module.xml"] = (
            f'<module id="{number}"><modulename>{kind}</modulename><visible>{visible}</visible></module>'
        )
        self.members[f"{folder}/{kind}.xml"] = raw or (
            f'<activity id="{number}" moduleid="{number}" modulename="{kind}" contextid="{100 + number}"><{kind} id="{number}">'
            f"<name>{title}</name>{inside}</{kind}></activity>"
        )
        self.members[f"{folder}/comments.xml"] = (
            f"<comments><comment><content>{NEEDLES[6]}</content></comment></comments>"
        )
        for path, data in files:
            self.file(data, path, 100 + number, f"mod_{kind}", area or "content", item)
        return self

    def file(self, data, path, context, component, area, item=0):
        """A file of the backup."""
        digest = hashlib.sha1(data).hexdigest()
        self.members[f"files/{digest[:2]}/{digest}"] = data
        folder, _, name = path.rpartition("/")
        self.files.append(
            f'<file id="{len(self.files)}"><contenthash>{digest}</contenthash><contextid>{context}</contextid><component>{component}</component>'
            f"<filearea>{area}</filearea><itemid>{item}</itemid><filepath>/{folder + '/' if folder else ''}</filepath><filename>{name}</filename>"
            f"<userid>77</userid><author>{NEEDLES[7]}</author><sortorder>0</sortorder></file>"
        )
        return self

    def described(self):
        """All members, name → text or bytes."""
        listed = "".join(
            f"<activity><moduleid>{number}</moduleid><sectionid>{section}</sectionid><modulename>{kind}</modulename><title>{title}</title>"
            f"<directory>activities/{kind}_{number}</directory></activity>"
            for number, section, kind, title in self.activities
        )
        sections = ""
        for number, one in enumerate(self.sections, 1):
            parent = f"<parentcmid>{one['parent']}</parentcmid>" if one["parent"] else ""
            sections += f"<section><sectionid>{number}</sectionid><title>{number}</title>{parent}</section>"
            modules = ",".join(map(str, one["modules"]))
            self.members[f"sections/section_{number}/section.xml"] = (
                f'<section id="{number}"><number>{number - 1}</number><name>{one["name"] or "$@NULL@$"}</name>'
                f"<summary>{one['summary']}</summary><summaryformat>1</summaryformat>"
                f"<sequence>{modules}</sequence><visible>{one['visible']}</visible></section>"
            )
        root = (
            f"<moodle_backup><information><original_course_fullname>{self.name}</original_course_fullname><contents>"
            f"<activities>{listed}</activities><sections>{sections}</sections></contents></information></moodle_backup>"
        )
        return {
            ".ARCHIVE_INDEX": "Moodle archive",
            **self.members,
            "files.xml": f"<files>{''.join(self.files)}</files>",
            "moodle_backup.xml": root,
        }

    def tar(self, **more):
        """The backup as Moodle writes it now."""
        return tarred(self.described() | more)

    def zip(self):
        """The backup as Moodle wrote it before 2.6, and still writes it where a site wants so."""
        return zipped({name: data for name, data in self.described().items() if name != ".ARCHIVE_INDEX"})


def tarred(members, kinds=None):
    """The bytes of a tar.gz of *members*; *kinds*: name → type of a member that is no file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            content = data.encode() if isinstance(data, str) else data
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if kinds and name in kinds:
                info.type, info.linkname, info.size = kinds[name], content.decode(), 0
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def course():
    """A backup with one activity of each kind that opens, and some that do not."""
    html = '&lt;p&gt;Le magma &lt;img src="@@PLUGINFILE@@/images/cone%20vert.png"&gt; &lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;'
    return (
        Backup()
        .section(summary="&lt;p&gt;Bienvenue&lt;/p&gt;")
        .add("forum", "Annonces")
        .section("Observer")
        .add("page", "Le cône", f"<content>{html}</content><contentformat>1</contentformat>", files=[("images/cone vert.png", PNG)])
        .add("label", "À lire", "<intro>&lt;p&gt;Lis &lt;b&gt;tout&lt;/b&gt;&lt;/p&gt;</intro><introformat>1</introformat>")
        .add("resource", "Le plan", files=[("plan.txt", b"le plan")])
        .add("page", "Cachée", "<content>secret du professeur</content>", visible=0)
        .section("Comprendre")
        .add(
            "book", "Le livre",
            '<chapters><chapter id="9"><pagenum>2</pagenum><title>Fin</title><content>fin</content><hidden>0</hidden></chapter>'
            '<chapter id="8"><pagenum>1</pagenum><title>Début</title><content>debut</content><hidden>0</hidden></chapter></chapters>',
        )
        .add("folder", "Photos", files=[("a.png", PNG), ("sous/b.txt", b"b")])
        .add("url", "Le site", "<intro></intro><externalurl>https://volcans.example/a?b=1&amp;c=2</externalurl>")
        .add("quiz", "Contrôle")
        .add("assign", "Devoir")
        .file(NEEDLES[6].encode(), f"{NEEDLES[0]}.txt", 111, "assignsubmission_file", "submission_files", 3)
    )  # fmt: skip
