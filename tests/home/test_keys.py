"""The home folder, its settings file and the master keys."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gewu.home import instance
from gewu.home.errors import HomeError
from gewu.home.keys import add_master_key, load_master_key, load_master_keys
from gewu.home.layout import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("GEWU_KEY_FILE", raising=False)
    return Home(tmp_path / "home")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_is_made_once_private_and_outside_the_database(home: Home) -> None:
    first = load_master_key(home=home)
    assert len(first.secret) == 32
    assert _mode(home.key_file) == 0o600
    assert not home.key_file.is_relative_to(home.cluster)
    assert load_master_key(home=home) == first


def test_a_key_never_shows_itself(home: Home) -> None:
    key = load_master_key(home=home)
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_rotation_keeps_the_old_keys(home: Home) -> None:
    first = load_master_key(home=home)
    second = add_master_key(home)
    assert second.id != first.id
    assert load_master_key(home=home) == second
    assert load_master_key(first.id, home) == first
    assert list(load_master_keys(home)) == [first.id, second.id]
    assert _mode(home.key_file) == 0o600


def test_an_unknown_key_id_says_where_to_look(home: Home) -> None:
    load_master_key(home=home)
    with pytest.raises(HomeError, match="k99 is not in the key file"):
        load_master_key("k99", home)


def test_threads_that_start_together_make_one_key(home: Home) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load_master_key(home=home), range(16)))
    assert len({key.secret for key in keys}) == 1


def test_a_named_key_file_is_used(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEWU_KEY_FILE", str(tmp_path / "elsewhere" / "key"))
    load_master_key(home=home)
    assert _mode(tmp_path / "elsewhere" / "key") == 0o600
    assert not (home.path / "key").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_can_read_is_refused(home: Home, mode: int) -> None:
    load_master_key(home=home)
    home.key_file.chmod(mode)
    with pytest.raises(HomeError, match="chmod 600"):
        load_master_key(home=home)


@pytest.mark.parametrize(
    ("line", "says"), [("k2 abc", "Line 3"), ("k1 " + "0" * 64, "names the key k1 again"), ("nonsense", "Line 3")]
)
def test_a_damaged_key_file_names_the_line(home: Home, line: str, says: str) -> None:
    load_master_key(home=home)
    with home.key_file.open("a") as handle:
        handle.write(line + "\n")
    with pytest.raises(HomeError, match=says):
        load_master_keys(home)


def test_an_empty_key_file_is_refused_and_not_replaced(home: Home) -> None:
    load_master_key(home=home)
    home.key_file.write_text("# nothing\n")
    with pytest.raises(HomeError, match="holds no key"):
        load_master_keys(home)
    assert home.key_file.read_text() == "# nothing\n"


def test_the_settings_file_is_private_and_stays_the_same(home: Home) -> None:
    assert instance.read(home) is None
    assert not home.path.exists(), "reading creates nothing"
    first = instance.update(home)
    assert _mode(home.instance_file) == 0o600
    assert instance.update(home) == first
    assert instance.read(home) == first
    secrets = [first.django_secret, first.superuser_password, first.owner_password, first.app_password]
    assert len(set(secrets)) == 4


def test_a_damaged_settings_file_is_refused_and_kept(home: Home) -> None:
    instance.update(home)
    home.instance_file.write_text("{")
    with pytest.raises(HomeError, match="is not valid JSON"):
        instance.read(home)
    assert home.instance_file.read_text() == "{"


def test_demo_passwords_are_made_once(home: Home) -> None:
    password = instance.demo_password(home, "dispatcher")
    assert instance.demo_password(home, "dispatcher") == password
    assert instance.demo_password(home, "collector") != password
    assert len(password) == 19


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="Set GEWU_HOME"):
        Home(tmp_path / "file").ensure()
