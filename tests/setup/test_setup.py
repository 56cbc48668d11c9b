"""Set-up installs what the locks say, takes nothing away and stops with a sentence when it cannot go on."""

import assets
import pytest
import serve
import setup


def test_make_run_keeps_what_make_test_installed():
    both = setup.digest(setup.LOCKS["test"])

    assert setup.wanted_locks("run", installed="") == ["requirements.txt"]
    assert setup.wanted_locks("run", installed=both) == setup.LOCKS["test"]
    assert setup.wanted_locks("test", installed="") == setup.LOCKS["test"]


def test_the_packages_of_somebody_elses_environment_are_left_alone(tmp_path, monkeypatch, capsys):
    link = tmp_path / ".venv"
    link.symlink_to(tmp_path)
    monkeypatch.setattr(setup, "VENV", link)
    monkeypatch.setattr(setup, "sync", lambda locks: pytest.fail("it touched the packages"))

    setup.install_packages("test")

    assert "left alone" in capsys.readouterr().out


def test_uv_that_fails_is_replaced_by_pip(monkeypatch):
    ran = []
    monkeypatch.setattr(setup, "run", lambda *command: ran.append(command) or "uv" not in str(command[0]))

    setup.sync(["requirements.txt"])

    assert [str(part) for part in ran[-1]][1:4] == ["-m", "pip", "install"]
    assert "--require-hashes" in ran[-1]


def test_packages_that_cannot_be_had_stop_the_set_up(monkeypatch):
    monkeypatch.setattr(setup, "run", lambda *command: False)

    with pytest.raises(setup.SetupFailed, match="could not be installed"):
        setup.sync(["requirements.txt"])


def test_an_asset_that_moved_stops_the_set_up(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets, "STAMP", tmp_path / "vendor" / ".stamp")

    with pytest.raises(assets.AssetsMissing, match="is not in node_modules"):
        assets.copy()

    assert not assets.STAMP.exists()


def test_no_lock_names_a_host():
    for lock in ["requirements.txt", "requirements-dev.txt", "requirements-setup.txt", "package-lock.json"]:
        lines = (setup.ROOT / lock).read_text().splitlines()
        assert [line for line in lines if "://" in line and '"url": "https://' not in line] == [], lock


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(serve.CannotServe, match="is no port"):
        serve.wanted_port()


def test_the_stand_in_shops_are_found_by_their_books(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "FEEDS", tmp_path)
    (tmp_path / "web" / "demo-shop").mkdir(parents=True)
    (tmp_path / "web" / "demo-shop" / "shop.sqlite3").touch()
    (tmp_path / "tills").mkdir()

    assert serve.stand_in_shops() == [tmp_path / "web"]
