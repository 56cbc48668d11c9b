"""Files in the browser: from the template to the undo, with and without HTMX, and never a server error."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from omni.models import Activity, ChangeSet, JobRun
from omni.services import changes
from tests.factories.files import apply_file, check_file, csv_file, xlsx_file
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import NOON, make_location, make_staff

pytestmark = pytest.mark.django_db
HEADER = ["sku", "location", "on_hand"]


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DEMO = True  # no second factor to set up


@pytest.fixture
def office():
    return make_staff("head_office")


@pytest.fixture
def desk(client, office):
    client.force_login(office)
    return client


def send(client, kind, file, name="count.csv"):
    sent = SimpleUploadedFile(name, file.getvalue())
    return client.post(reverse("import_new", args=[kind]), {"file": sent, "encoding": ""})


def check(change_set):
    return changes.check(change_set=change_set, at=NOON)


def test_a_file_goes_from_the_page_to_the_shelf_and_back(desk, office):
    make_stock(variant=make_variant("A"), location=make_location("mitte"), on_hand=5)
    answer = send(desk, "stock", csv_file(HEADER, [["A", "mitte", 9], ["B", "mitte", 1]]))
    sent = ChangeSet.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("import_set", args=[sent.public_id]))
    assert b"being checked" in desk.get(answer.url).content
    check(sent)

    shown = desk.get(answer.url).content.decode()
    assert "Confirming makes 0 new and changes 1" in shown
    assert '<del class="dim">5</del>' in shown
    assert "No variant has the SKU “B”." in shown

    assert desk.post(reverse("import_confirm", args=[sent.public_id])).status_code == 302
    changes.finish_applying(change_set=ChangeSet.objects.get(), at=NOON)
    assert "1 row was written." in desk.get(answer.url).content.decode()
    assert desk.post(reverse("import_undo", args=[sent.public_id])).status_code == 302
    changes.finish_undoing(change_set=ChangeSet.objects.get(), at=NOON)
    assert "was undone" in desk.get(answer.url).content.decode()
    assert list(Activity.objects.filter(verb__startswith="import.").values_list("verb", flat=True).order_by("pk")) == [
        "import.sent", "import.checked", "import.confirmed", "import.applied", "import.undo_asked", "import.undone",
    ]  # fmt: skip


def test_the_page_polls_its_own_part_only_while_something_runs(desk, office):
    sent = changes.create_change_set(kind="stock", file=csv_file(HEADER, []), file_name="x.csv", by=office, at=NOON)
    url = reverse("import_set", args=[sent.public_id])

    part = desk.get(url, headers={"HX-Request": "true"}).content.decode()
    check(sent)
    done = desk.get(url, headers={"HX-Request": "true"}).content.decode()

    assert part.strip().startswith('<div id="change-set"')
    assert 'hx-trigger="every 1s"' in part
    assert 'hx-trigger="every 1s"' not in done
    assert "no sheet with rows" in done


def test_a_file_that_cannot_be_read_is_refused_with_its_reason_beside_the_field(desk):
    answer = send(desk, "stock", io.BytesIO("sku,location,on_hand\nä,b,1\n".encode("cp1252")))

    assert answer.status_code == 422
    assert "Line 2 is not UTF-8 text" in answer.content.decode()
    assert not ChangeSet.objects.exists()


def test_sending_the_same_file_again_says_so(desk, office):
    make_stock(variant=make_variant("A"), location=make_location("mitte"), on_hand=5)
    apply_file(check_file("stock", csv_file(HEADER, [["A", "mitte", 9]]), by=office))

    again = check_file("stock", csv_file(HEADER, [["A", "mitte", 9]]), by=office)

    assert (
        "The very same file was imported before"
        in desk.get(reverse("import_set", args=[again.public_id])).content.decode()
    )


def test_text_from_a_file_is_text_on_the_page(desk, office):
    attack = '<script>alert(1)</script><img src=x onerror="x">'
    sent = check_file(
        "stock", csv_file([*HEADER, attack], [[attack, "mitte", 1, "x"]]), by=office, name=f"{attack}.csv"
    )

    shown = desk.get(reverse("import_set", args=[sent.public_id])).content.decode()
    listed = desk.get(reverse("imports")).content.decode()

    assert "<script>alert" not in shown + listed
    assert "<img src=x" not in shown + listed


def test_the_wrong_rows_come_back_as_a_file_that_can_be_mended_and_sent_again(desk, office):
    make_location("mitte")
    make_variant("A")
    sent = check_file("stock", csv_file(HEADER, [["A", "mitte", 1], ["=B", "mitte", "x"]]), by=office)

    file = b"".join(desk.get(reverse("import_problems", args=[sent.public_id, "csv"])).streaming_content)

    text = file.decode("utf-8-sig")
    assert text.splitlines()[0] == "sku,location,on_hand,problems"
    assert text.splitlines()[1].startswith("'=B,mitte,x,")
    again = check_file("stock", io.BytesIO(file), by=office)
    assert (again.unread, again.counts["wrong"]) == ([], 1)
    assert again.rows.get().values["sku"] == "'=B"


def test_every_template_opens_and_its_example_is_never_imported(desk, office):
    for kind in ("locations", "catalogue", "prices", "stock"):
        for form in ("csv", "xlsx"):
            answer = desk.get(reverse("import_template", args=[kind, form]))
            sent = check_file(kind, io.BytesIO(b"".join(answer.streaming_content)), by=office)
            assert [row.errors for row in sent.rows.all()] == [{"*": ["example", {}]}], (kind, form)


def test_a_manager_neither_sees_nor_opens_what_is_not_theirs(client, office):
    shop = make_location("own")
    manager = make_staff("store_manager", locations=[shop])
    client.force_login(manager)
    foreign_file = csv_file(HEADER, [["A", "own", 1]])
    foreign = check_file("stock", foreign_file, by=office, name="secret.csv")

    assert b"secret.csv" not in client.get(reverse("imports")).content
    theirs = [foreign.public_id]
    for name, args in [
        ("import_new", ["catalogue"]), ("import_template", ["prices", "csv"]), ("export_file", ["locations", "csv"]),
        ("import_set", theirs), ("import_problems", [*theirs, "csv"]), ("import_new", ["nothing"]),
        ("export_file", ["stock", "pdf"]),
    ]:  # fmt: skip
        assert client.get(reverse(name, args=args)).status_code == 404, name
    for name in ("import_confirm", "import_undo", "import_drop", "import_resume"):
        assert client.post(reverse(name, args=[foreign.public_id])).status_code == 404, name


def test_store_staff_may_not_import(client):
    client.force_login(make_staff("store_staff"))

    assert client.get(reverse("imports")).status_code == 403


def test_a_second_confirmation_says_that_somebody_was_faster(desk, office):
    make_location("mitte")
    make_variant("A")
    sent = check_file("stock", csv_file(HEADER, [["A", "mitte", 1]]), by=office)
    desk.post(reverse("import_confirm", args=[sent.public_id]))

    answer = desk.post(reverse("import_confirm", args=[sent.public_id]), follow=True)

    assert "This import is being applied by now." in answer.content.decode()
    assert JobRun.objects.filter(task="omni.apply_change_set").count() == 1


def test_rows_are_shown_by_verdict_and_page_by_page(desk, office):
    make_location("mitte")
    make_variant("A")
    rows = [["A", "mitte", 1], *[[f"X{number}", "mitte", 1] for number in range(60)]]
    sent = check_file("stock", xlsx_file(HEADER, rows), by=office)
    url = reverse("import_set", args=[sent.public_id])

    assert desk.get(url, {"show": "new"}).content.count(b"<tr data-row>") == 1
    assert desk.get(url, {"show": "wrong"}).content.count(b"<tr data-row>") == 50
    assert desk.get(url, {"show": "wrong", "after": "52"}).content.count(b"<tr data-row>") == 10
    assert desk.get(url, {"show": "'", "after": "x"}).status_code == 200


def test_an_export_is_logged_and_narrowed_to_a_store(desk, office):
    for name in ("mitte", "nord"):
        make_stock(variant=make_variant(f"IN-{name}"), location=make_location(name), on_hand=2)

    file = b"".join(desk.get(reverse("export_file", args=["stock", "csv"]), {"location": "nord"}).streaming_content)

    assert b"IN-nord" in file
    assert b"IN-mitte" not in file
    assert Activity.objects.get(verb="file.exported").data == {"rows": 1}


def test_a_big_export_is_a_job_whose_file_only_its_asker_gets(desk, office, client, monkeypatch):
    from omni.importing.resource import kinds
    from omni.services import exports

    monkeypatch.setattr("omni.views.exports.AT_ONCE", 0)
    make_stock(variant=make_variant("A"), location=make_location("mitte"), on_hand=2)
    url = desk.get(reverse("export_file", args=["stock", "xlsx"])).url
    job = JobRun.objects.get(task="omni.export_file")
    assert b"being written" in desk.get(url).content

    resource = kinds()["stock"](by=office, at=NOON)
    result = exports.write(job=job, resource=resource, form="xlsx", chosen={}, progress=lambda done, total: None)
    from django.utils import timezone

    JobRun.objects.update(state="done", finished_at=timezone.now(), result=result)

    assert b"ready" in desk.get(url).content
    download = reverse("export_download", args=[job.public_id])
    assert desk.get(download).status_code == 200
    client.force_login(make_staff("administrator"))
    assert client.get(download).status_code == 404


def test_the_history_says_what_became_of_each_file(desk, office):
    make_location("mitte")
    make_variant("A")
    apply_file(check_file("stock", csv_file(HEADER, [["A", "mitte", 1]]), by=office, name="one.csv"))
    check_file("stock", csv_file(HEADER, [["A", "mitte", 2]]), by=office, name="two.csv")

    shown = desk.get(reverse("imports")).content.decode()

    assert '<span class="o-tag o-ok">applied</span>' in shown
    assert '<span class="o-tag o-warn">waiting for you</span>' in shown
