"""Keep the four languages in step with the code, with Babel alone (no GNU gettext on the machine).

    messages.py extract    collect the words of Python and templates into locale/*/LC_MESSAGES/django.po
    messages.py check      fail on what is missing, fuzzy, left over or lost a placeholder
    messages.py compile    write the .mo files that Django reads (git-ignored)

English is the language of the code: its catalogue may leave every translation empty.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE_LANGUAGE = "en"
TRANSLATED = ["zh_Hans", "zh_Hant", "ms"]
LANGUAGES = [SOURCE_LANGUAGE, *TRANSLATED]
ONE_FORM, TWO_FORMS = "nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);"
PYTHON_FOLDERS = ["omni", "inventory", "customers", "orders", "journeys"]
TEMPLATE_FOLDERS = ["templates", *PYTHON_FOLDERS]
CONTEXT = (1, "c")
KEYWORDS: dict[str, tuple | None] = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], (CONTEXT, 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], (CONTEXT, 2, 3)),
}
MOST_SHOWN = 60
PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z]|%[sd]|(?<!\{)\{\w*\}(?!\})")
BLANK_BUT_NOT_NEWLINE = re.compile(r"[^\S\n]+")


def catalogue_path(language: str, root: Path = ROOT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


# --- extract


def template_as_python(source: str) -> str:
    """
    Rewrite a Django template as calls of gettext that Python's own tokenizer can read.

    Django's templatize keeps the page's indentation and odd spaces, which are no valid Python: both go.
    """
    lines = templatize(source).split("\n")
    return "\n".join(BLANK_BUT_NOT_NEWLINE.sub(" ", line).strip() for line in lines)


def words_of(path: Path) -> Iterator[tuple]:
    """Yield (id, context, translator comments) of every message in one file."""
    source = path.read_text()
    if path.suffix == ".html":
        source = template_as_python(source)
    for _line, ids, comments, context in extract("python", BytesIO(source.encode()), KEYWORDS, ["Translators"]):
        yield ids, context, comments


def source_files(root: Path = ROOT) -> list[Path]:
    python = [path for folder in PYTHON_FOLDERS for path in (root / folder).rglob("*.py")]
    pages = [path for folder in TEMPLATE_FOLDERS for path in (root / folder).rglob("*.html")]
    return sorted(path for path in [*python, *pages] if "migrations" not in path.parts)


def template_catalogue(root: Path = ROOT) -> Catalog:
    """Everything that the product says, as the code has it now."""
    catalogue = Catalog()
    for path in source_files(root):
        for ids, context, comments in words_of(path):
            where = [(path.relative_to(root).as_posix(), 0)]
            catalogue.add(ids, context=context, locations=where, auto_comments=comments)
    return catalogue


def header(language: str) -> str:
    """Neither dates nor tools: only what Django needs. Chinese and Malay have one form for any number."""
    forms = TWO_FORMS if language == SOURCE_LANGUAGE else ONE_FORM
    return (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {forms}\\n"\n\n'
    )


def read(language: str, root: Path = ROOT) -> Catalog:
    path = catalogue_path(language, root)
    content = path.read_bytes() if path.exists() else header(language).encode()
    return read_po(BytesIO(content), locale=language)


def write(catalogue: Catalog, language: str, root: Path = ROOT) -> None:
    """Write without line numbers and leftovers, so that only changed words make a difference."""
    body, path = BytesIO(), catalogue_path(language, root)
    write_po(body, catalogue, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False, width=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(language).encode() + body.getvalue())


def extract_all(root: Path = ROOT) -> None:
    words = template_catalogue(root)
    for language in LANGUAGES:
        catalogue = read(language, root)
        catalogue.update(words, no_fuzzy_matching=True)
        write(catalogue, language, root)
        done = sum(1 for message in catalogue if message.id and is_translated(message))
        print(f"{language}: {done} of {len(catalogue)} messages translated")


# --- check


def texts(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """The one form of a plain message, or every form of one with plurals."""
    return [value or ""] if isinstance(value, str | None) else [form or "" for form in value]


def is_translated(message: Message) -> bool:
    return all(texts(message.string))


def lost_placeholders(message: Message) -> set[str]:
    """Names that the English has and some translated form has not, or the other way round."""
    wanted = {name for text in texts(message.id) for name in PLACEHOLDER.findall(text)}
    every = [set(PLACEHOLDER.findall(text)) for text in texts(message.string)]
    unknown = set().union(*every) - wanted
    in_no_form = wanted - set().union(*every)
    return unknown | in_no_form


def problems(language: str, words: Catalog, root: Path = ROOT) -> list[str]:
    """One line for each message of one language that is not fit to ship."""
    catalogue, found = read(language, root), []
    for word in words:
        if not word.id:
            continue
        label, message = repr(texts(word.id)[0]), catalogue.get(texts(word.id)[0], word.context)
        if message is None or texts(message.id) != texts(word.id):
            found.append(f"{language}: not in the catalogue (make messages): {label}")
        elif language == SOURCE_LANGUAGE:
            continue
        elif not is_translated(message):
            found.append(f"{language}: not translated: {label}")
        elif message.fuzzy:
            found.append(f"{language}: fuzzy: {label}")
        elif lost := lost_placeholders(message):
            found.append(f"{language}: placeholders differ ({', '.join(sorted(lost))}): {label}")
    left_over = [m for m in catalogue if m.id and words.get(texts(m.id)[0], m.context) is None]
    return found + [f"{language}: said nowhere any more (make messages): {texts(m.id)[0]!r}" for m in left_over]


def check_all(root: Path = ROOT) -> int:
    words = template_catalogue(root)
    found = [line for language in LANGUAGES for line in problems(language, words, root)]
    print("\n".join(found[:MOST_SHOWN] + ["..."] * (len(found) > MOST_SHOWN)), file=sys.stderr)
    print(f"{len(words)} messages in {len(LANGUAGES)} languages, {len(found)} problems")
    return 1 if found else 0


# --- compile


def compile_all(root: Path = ROOT) -> None:
    for language in LANGUAGES:
        source = catalogue_path(language, root)
        target = source.with_suffix(".mo")
        if source.exists() and (not target.exists() or target.stat().st_mtime < source.stat().st_mtime):
            with target.open("wb") as file:
                write_mo(file, read(language, root))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["extract", "check", "compile"])
    what = parser.parse_args().what
    if what == "check":
        return check_all()
    extract_all() if what == "extract" else compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
