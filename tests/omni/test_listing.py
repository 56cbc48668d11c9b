import csv
import io
import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from omni.activity import record
from omni.models import Activity, SavedView
from omni.views.audit import AUDIT
from tests.factories.omni import NOON, make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db
PATH = "/settings/audit/"


@pytest.fixture
def administrator(client, settings):
    settings.DEMO = True
    staff = make_staff("administrator")
    client.force_login(staff)
    return staff


def happen(count: int, verb: str = "till.sold", **values):
    for number in range(count):
        record(verb, subject=f"thing:{verb}-{number}", at=NOON + timedelta(minutes=number), **values)


def subjects(response) -> list[str]:
    return re.findall(r'<span class="code">(thing:[^<]+)</span>', response.content.decode())


def test_a_list_pages_on_and_back(client, administrator):
    happen(120)

    first = client.get(PATH)
    second = client.get(re.search(r'href="([^"]+)"[^>]*rel="next"', first.content.decode())[1].replace("&amp;", "&"))
    back = client.get(re.search(r'href="([^"]+)"[^>]*rel="prev"', second.content.decode())[1].replace("&amp;", "&"))

    assert subjects(first)[0] == "thing:till.sold-119"
    assert len(subjects(first)) == 50
    assert subjects(second)[0] == "thing:till.sold-69"
    assert subjects(back) == subjects(first)
    assert "50 of 120" in first.content.decode()


def test_search_filters_and_quick_filters_narrow_and_can_be_taken_away(client, administrator):
    happen(3)
    happen(2, "stock.adjusted", by=administrator, location=make_location("main"))

    found = client.get(PATH, {"verb": "stock.", "q": "adjusted", "actor_kind": "staff"})
    page = found.content.decode()

    assert len(subjects(found)) == 2
    assert "What begins with: stock." in page
    chip = re.search(r'href="([^"]+)"[^>]*>What begins with', page)[1].replace("&amp;", "&")
    assert QueryDict(chip.partition("?")[2]).dict() == {"q": "adjusted", "actor_kind": "staff"}
    quick = re.search(r'href="([^"]+)"[^>]*aria-current="true">By people', page)[1].replace("&amp;", "&")
    assert "actor_kind" not in quick


def test_nothing_found_offers_the_way_back(client, administrator):
    happen(1)

    page = client.get(PATH, {"q": "no such thing"}).content.decode()

    assert "Nothing matches." in page
    assert f"{PATH}?view=all" in page


def test_headers_sort_and_say_how(client, administrator):
    happen(3)

    page = client.get(PATH, {"order": "when"})

    assert subjects(page)[0] == "thing:till.sold-0"
    assert 'aria-sort="ascending"' in page.content.decode()
    assert client.get(PATH, {"order": "password"}).status_code == 200


def test_columns_are_chosen_in_the_url(client, administrator):
    happen(1)

    page = client.get(PATH, {"columns": ["subject", "outcome"]}).content.decode()

    assert re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?\s*([A-Z]\w+)', page) == ["About", "Outcome"]


def test_a_file_holds_exactly_what_the_screen_shows_on_all_its_pages(client, administrator):
    happen(60)
    happen(5, "stock.adjusted", channel=make_channel("web"))

    answer = client.get(PATH, {"verb": "till.", "columns": ["subject", "verb"], "order": "when", "export": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert rows[0] == ["What", "About"]
    assert rows[1:] == [["till.sold", f"thing:till.sold-{number}"] for number in range(60)]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="settings_audit.csv"'


def test_htmx_gets_the_list_alone_and_a_visit_the_page(client, administrator):
    happen(1)

    part = client.get(PATH, headers={"HX-Request": "true"}).content.decode()
    page = client.get(PATH).content.decode()

    assert part.lstrip().startswith('<section class="card o-list-card" id="list"')
    assert "<html" in page
    assert 'id="list"' in page


def test_a_list_costs_few_questions(client, administrator, django_assert_max_num_queries):
    happen(120, by=administrator, location=make_location(), channel=make_channel())

    with django_assert_max_num_queries(12):
        client.get(PATH, {"actor_kind": "staff"})


def test_a_view_is_kept_shared_shown_with_its_count_and_deleted(client, administrator):
    happen(3)
    happen(2, "stock.adjusted")

    client.post("/saved-views/", {"page": "settings_audit", "name": "Sales", "query": "verb=till.", "shared": "1"})
    view = SavedView.objects.get()
    page = client.get(PATH).content.decode()
    counts = client.get(PATH, {"part": "views"}, headers={"HX-Request": "true"}).content.decode()

    assert (view.owner, view.query, view.shared) == (administrator, "verb=till.", True)
    assert f'href="{PATH}?verb=till."' in page
    assert re.search(r'Sales <span class="dim num">3</span>', counts)
    client.post(f"/saved-views/{view.public_id}/delete/")
    assert not SavedView.objects.exists()


def test_nobody_deletes_the_view_of_somebody_else(client, administrator):
    view = SavedView.objects.create(page="settings_audit", name="Mine", owner=make_staff(), shared=True)

    assert client.post(f"/saved-views/{view.public_id}/delete/").status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_a_role_begins_with_its_own_view(client, administrator):
    SavedView.objects.create(page="settings_audit", name="Ours", role="administrator", query="verb=till.")

    assert client.get(PATH).url == f"{PATH}?verb=till."
    assert client.get(PATH, {"view": "all"}).status_code == 200


def test_a_bulk_form_means_the_ticked_rows_or_all_that_match(administrator):
    happen(3)
    happen(2, "stock.adjusted")
    one = Activity.objects.first()
    rows = Activity.objects.all()

    ticked = RequestFactory().post("/", {"row": [one.pk, "x"]})
    matching = RequestFactory().post("/", {"all": "1", "query": "verb=till."})
    ticked.user = matching.user = administrator

    assert list(AUDIT.chosen(ticked, rows)) == [one]
    assert AUDIT.chosen(matching, rows).count() == 3
