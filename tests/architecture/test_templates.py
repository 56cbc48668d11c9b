"""Pages hold no style, no script and nothing unescaped: the Content-Security-Policy would refuse it anyway."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Source, page_sources, violations

HANDLER = (
    r"click|change|load|submit|input|focus|blur|error|toggle|scroll|resize|drop|(?:key|mouse|drag|touch|pointer)[a-z]*"
)
INLINE = re.compile(rf"\sstyle\s*=|<style\b|\son(?:{HANDLER})\s*=|\shx-on|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE)
UNESCAPED = re.compile(r"\|\s*safe\b|\|\s*safeseq\b|\{%\s*autoescape\s+off")
RAW = "safe"  # spelt apart, so that no page and no test holds the filter itself
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?\{%\s*endcomment\s*%\}", re.DOTALL)
FETCHES = re.compile(r"<a\b[^>]*\bhx-get=[^>]*>", re.DOTALL)


def inline_style_or_script(source: Source) -> Iterator[str]:
    text = COMMENT.sub("", source.text)
    for pattern in (INLINE, SCRIPT):
        yield from (f"{source.path}: {match[0].strip()}" for match in pattern.finditer(text))


def unescaped(source: Source) -> Iterator[str]:
    yield from (f"{source.path}: {match[0]}" for match in UNESCAPED.finditer(source.text))


def links_that_need_javascript(source: Source) -> Iterator[str]:
    """Every hx-get on a link stands beside a real href."""
    yield from (f"{source.path}: {tag[:80]}" for tag in FETCHES.findall(source.text) if " href=" not in tag)


def untranslated_title(source: Source) -> Iterator[str]:
    """Words for people in the commonest attributes go through gettext, too."""
    for match in re.finditer(r"""\s(?:title|placeholder|aria-label|alt)="([A-Z][^"{]*[a-z][^"{]*)\"""", source.text):
        yield f"{source.path}: {match[1]}"


RULES = [inline_style_or_script, unescaped, links_that_need_javascript, untranslated_title]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_pages_hold_the_rule(rule):
    assert violations(rule, page_sources()) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (inline_style_or_script, '<p style="color: red">'),
        (inline_style_or_script, "<style>p { }</style>"),
        (inline_style_or_script, "<script>alert(1)</script>"),
        (inline_style_or_script, "<button onclick='go()'>"),
        (inline_style_or_script, '<a href="javascript:go()">'),
        (inline_style_or_script, '<div hx-on:click="go()">'),
        (unescaped, f"{{{{ name|{RAW} }}}}"),
        (unescaped, "{% autoescape off %}"),
        (links_that_need_javascript, '<a class="x"\n hx-get="/orders/">'),
        (untranslated_title, '<input placeholder="Search here">'),
    ],
)
def test_a_bad_page_is_caught(rule, text):
    assert violations(rule, [Source("templates/a.html", text)])


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (inline_style_or_script, "<script src=\"{% static 'omni.js' %}\" defer></script>"),
        (inline_style_or_script, '{# no style="" here #}<link rel="stylesheet" href="a.css">'),
        (links_that_need_javascript, '<a href="/orders/" hx-get="/orders/">'),
        (untranslated_title, '<input placeholder="{% translate "Search" %}" title="{{ name }}">'),
    ],
)
def test_a_good_page_is_let_through(rule, text):
    assert not violations(rule, [Source("templates/a.html", text)])
