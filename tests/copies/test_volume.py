"""By what a disk is known again."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from papka.copies.media import volume_of
from tests.support.small_disks import small_disk

NOWHERE = Path("/nowhere")


def test_a_folder_lies_where_the_system_says(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    one, other = volume_of(tmp_path), volume_of(inside)
    assert one.device == other.device == tmp_path.stat().st_dev
    assert one.block > 0
    assert one.free > 0


def test_another_file_system_is_another_device_with_room_of_its_own(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 2) as disk:
        found = volume_of(disk)
        assert found.device != volume_of(tmp_path).device
        assert found.free <= 2 * 1024 * 1024
        assert found.identity == ""


def test_a_disk_is_known_by_the_number_of_its_file_system(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    try:
        os.mknod(tmp_path / "sdz1", stat.S_IFBLK | 0o600, device)
        os.mknod(tmp_path / "sdz2", stat.S_IFBLK | 0o600, device + 1)
    except OSError:
        pytest.skip("devices cannot be made here")
    numbers = tmp_path / "by-uuid"
    numbers.mkdir()
    (numbers / "0000-0000").symlink_to(tmp_path / "sdz2")
    (numbers / "1111-1111").symlink_to(tmp_path / "gone")
    (numbers / "4A21-0B7C").symlink_to(tmp_path / "sdz1")
    assert volume_of(tmp_path, by_number=numbers).identity == "uuid:4A21-0B7C"


def test_a_share_is_known_by_its_address_which_is_not_told(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts = tmp_path / "mountinfo"
    line = "36 35 {} / /mnt rw,noatime master:1 - {} {} rw\n"
    mounts.write_text(
        line.format("0:1", "nfs4", "other:/x") + line.format(number, "nfs4", "server:/copies")
    )
    identity = volume_of(tmp_path, by_number=NOWHERE, mounts=mounts).identity
    assert re.fullmatch(r"share:[0-9a-f]{16}", identity)
    assert "server" not in identity
    mounts.write_text(line.format(number, "tmpfs", "tmpfs"))
    assert volume_of(tmp_path, by_number=NOWHERE, mounts=mounts).identity == ""
    assert volume_of(tmp_path, by_number=NOWHERE, mounts=NOWHERE).identity == ""


def disk(devices: Path, number: str, *, uuid: str = "", name: str = "", on: str = "") -> None:
    """What Linux tells of a disk or of a layer of the device mapper."""
    place = devices / number
    if uuid or name:
        (place / "dm").mkdir(parents=True)
        (place / "dm" / "uuid").write_text(f"{uuid}\n")
        (place / "dm" / "name").write_text(f"{name}\n")
    else:
        (place / "device").mkdir(parents=True)
    if on:
        (place / "slaves").mkdir()
        (place / "slaves" / "below").symlink_to(devices / on)


@pytest.mark.skipif(not hasattr(os, "major"), reason="disks have no numbers here")
@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([{}], False),
        ([{"uuid": "CRYPT-LUKS2-0123-kopii"}], True),
        ([{"uuid": "CRYPT-BITLK-0123-kopii"}], True),
        ([{"name": "veracrypt1"}], True),
        ([{"uuid": "LVM-0123"}, {"uuid": "CRYPT-LUKS1-0123-all"}, {}], True),
        ([{"uuid": "LVM-0123"}, {}], False),
        ([], None),
    ],
)
def test_whether_a_disk_is_encrypted_is_read_off_the_layers_below_it(
    tmp_path: Path,
    layers: list[dict[str, str]],
    expected: bool | None,  # noqa: FBT001 - a parameter of the table
) -> None:
    device = tmp_path.stat().st_dev
    numbers = [f"{os.major(device)}:{os.minor(device)}", "7:1", "7:2"]
    devices = tmp_path / "devices"
    for at, layer in enumerate(layers):
        on = numbers[at + 1] if at + 1 < len(layers) else ""
        disk(devices, numbers[at], on=on, **layer)
    found = volume_of(tmp_path, by_number=NOWHERE, mounts=NOWHERE, devices=devices)
    assert found.encrypted is expected
