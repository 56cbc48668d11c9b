"""The translation tool finds every word, keeps what is translated and lets nothing unfinished through."""

import gettext

import messages
import pytest

PAGE = """{% load i18n %}
   <a title="{% translate "Over here" %}">{% translate "Kept" as kept %}</a> it's "quoted (
      {% translate "May" context "month" %} {# a comment #}
 {% blocktranslate trimmed with n=user.name|upper %}
     Hello {{ n }},
     100% sure
 {% endblocktranslate %}
  {% blocktranslate count k=items|length %}One item{% plural %}{{ k }} items{% endblocktranslate %}
 {% include "x.html" with text=_("In a tag") %} {{ x|default:_("In a filter") }} 你好\u3000{{ _("Bare") }}
"""
CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy
A = _("From Python")
B = ngettext("%(n)s row", "%(n)s rows", 3)
C = pgettext_lazy("verb", "Count")
D = _("Only {n} left")
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "omni").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    (tmp_path / "omni" / "code.py").write_text(CODE)
    return tmp_path


def translate(project, language, old, new):
    path = messages.catalogue_path(language, project)
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new))


def found(project, language="ms"):
    return messages.problems(language, messages.template_catalogue(project), project)


def test_every_way_of_saying_a_word_is_found(project):
    words = {
        message.id if isinstance(message.id, str) else message.id[0] for message in messages.template_catalogue(project)
    }

    assert words - {""} == {
        *["Over here", "Kept", "May", "Hello %(n)s, 100%% sure", "One item", "In a tag", "In a filter", "Bare"],
        *["From Python", "%(n)s row", "Count", "Only {n} left"],
    }


def test_collecting_twice_changes_nothing_and_keeps_translations(project):
    messages.extract_all(project)
    translate(project, "ms", 'msgid "Bare"\nmsgstr ""', 'msgid "Bare"\nmsgstr "Kosong"')
    before = messages.catalogue_path("ms", project).read_bytes()

    messages.extract_all(project)

    assert messages.catalogue_path("ms", project).read_bytes() == before
    assert b"Kosong" in before
    assert b"POT-Creation-Date" not in before


def test_what_is_not_translated_fails_in_every_language_but_english(project):
    messages.extract_all(project)

    assert "ms: not translated: 'Bare'" in found(project)
    assert found(project, "en") == []


def test_a_lost_placeholder_fails(project):
    messages.extract_all(project)
    translate(project, "ms", 'msgid "Only {n} left"\nmsgstr ""', 'msgid "Only {n} left"\nmsgstr "Tinggal {m}"')

    assert "ms: placeholders differ ({m}, {n}): 'Only {n} left'" in found(project)


def test_a_fuzzy_translation_fails(project):
    messages.extract_all(project)
    translate(project, "ms", 'msgid "Bare"\nmsgstr ""', '#, fuzzy\nmsgid "Bare"\nmsgstr "Kosong"')

    assert "ms: fuzzy: 'Bare'" in found(project)


def test_a_word_that_is_new_or_gone_fails_until_collected(project):
    messages.extract_all(project)
    (project / "omni" / "code.py").write_text(CODE.replace("From Python", "Said anew"))

    assert "en: not in the catalogue (make messages): 'Said anew'" in found(project, "en")
    assert "ms: said nowhere any more (make messages): 'From Python'" in found(project)


def test_the_compiled_catalogue_speaks(project):
    messages.extract_all(project)
    translate(project, "zh_Hans", 'msgid "Bare"\nmsgstr ""', 'msgid "Bare"\nmsgstr "空"')

    messages.compile_all(project)

    spoken = gettext.translation("django", project / "locale", languages=["zh_Hans"])
    assert spoken.gettext("Bare") == "空"
