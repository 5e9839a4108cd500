"""What accounts own: folders, files, and the transfers under way.

Most files of an account are a number and a size on the account itself, so a million accounts cost nothing more. Only
folders that were seeded, made or got by a transfer, and files that were uploaded, are values of their own. Who owns a
folder owns all below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from .items import ROOT, File, Folder, Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .accounts import Account
    from .items import Owned, Transfer
    from .state import Book

T = TypeVar("T", bound=Item)


def loose_files(account: Account) -> int:
    """How many counted files lie in an account's root."""
    return account.files or int(account.owns_content)


def _by_name(item: Owned) -> tuple[str, str]:
    return item.name.casefold(), item.id


class Content:
    """All items and transfers, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self.changes = 0
        self._book = book
        self._items: dict[str, Item] = {}
        self._folders: dict[tuple[str, str], dict[str, None]] = {}
        self._files: dict[tuple[str, str], dict[str, None]] = {}
        self._names: dict[tuple[str, str, str], str] = {}
        self._trash: dict[str, dict[str, None]] = {}
        self._transfers: dict[str, Transfer] = {}

    def fill(self, items: Iterable[Item], transfers: Iterable[Transfer] = ()) -> None:
        """Take in what there is at the start, without writing anything down."""
        for one in items:
            self._index(one)
        self._transfers |= {one.source: one for one in transfers}

    # --- items -----------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Item]:
        return iter(list(self._items.values()))

    def ids(self) -> Iterator[str]:
        """All ids that are taken, those of versions included."""
        for one in self._items.values():
            yield one.id
            if isinstance(one, File):
                yield one.version_id
                yield from (version.id for version in one.earlier)

    def digests(self) -> Iterator[str]:
        """Those of all bytes that a file is or was."""
        for one in self._items.values():
            if isinstance(one, File):
                yield one.sha1
                yield from (version.sha1 for version in one.earlier)

    def find(self, item_id: str) -> Item | None:
        """The folder or file with this id, in the trash or not."""
        return self._items.get(item_id)

    def get(self, folder_id: str) -> Folder | None:
        """The folder with this id."""
        found = self._items.get(folder_id)
        return found if isinstance(found, Folder) else None

    def file(self, file_id: str) -> File | None:
        """The file with this id."""
        found = self._items.get(file_id)
        return found if isinstance(found, File) else None

    def inside(self, owner: str, parent: str) -> list[Folder]:
        """The folders directly in a folder, or in somebody's root, by name."""
        found = (self.get(one) for one in self._folders.get((owner, parent), ()))
        return sorted((one for one in found if one is not None), key=_by_name)

    def files_inside(self, owner: str, parent: str) -> list[File]:
        """The uploaded files directly in a folder, or in somebody's root, by name."""
        found = (self.file(one) for one in self._files.get((owner, parent), ()))
        return sorted((one for one in found if one is not None), key=_by_name)

    def named(self, owner: str, parent: str, name: str) -> Item | None:
        """What has this name in a folder; letter case makes no other name (API reference, POST /folders)."""
        return self._items.get(self._names.get((owner, parent, name.casefold()), ""))

    def below(self, item: Item) -> list[Item]:
        """An item and all below it; what is in the trash on its own is not."""
        found: list[Item] = [item]
        for one in found:
            if isinstance(one, Folder):
                found += self.inside(one.owner, one.id)
                found += self.files_inside(one.owner, one.id)
        return found

    def of_owner(self, owner: str) -> list[Item]:
        """What lies in somebody's root and in the trash: with all below it, everything that is theirs."""
        return [*self.inside(owner, ROOT), *self.files_inside(owner, ROOT), *self.trashed(owner)]

    def size(self, item: Item) -> int:
        """The bytes of an item with all below it."""
        if isinstance(item, File):
            return item.size
        return item.size + sum(one.size for one in self.below(item) if isinstance(one, File))

    def above(self, item: Owned) -> list[Folder]:
        """The folders that an item lies in, the nearest first, without the root."""
        found: list[Folder] = []
        here = self.get(item.parent)
        while here is not None:
            found.append(here)
            here = self.get(here.parent)
        return found

    def trashed(self, owner: str) -> list[Item]:
        """What somebody has put into the trash, the newest first."""
        found = [self._items[one] for one in self._trash.get(owner, ())]
        return sorted(found, key=lambda one: (one.trashed_at, int(one.id)), reverse=True)

    def is_trashed(self, item: Owned) -> bool:
        """Whether an item is in the trash, or lies in a folder that is."""
        return bool(item.trashed_at) or any(one.trashed_at for one in self.above(item))

    def is_owner(self, account: Account) -> bool:
        """Whether an account owns anything; what is in the trash does not count."""
        place = account.id, ROOT
        return account.owns_content or bool(self._folders.get(place)) or bool(self._files.get(place))

    def put(self, item: T) -> T:
        """Keep an item, new or changed, in the trash or out of it."""
        self._unindex(item.id)
        self._index(item)
        self._book.put(f"{item.kind}s", item.id, msgspec.json.encode(item))
        self.changes += 1
        return item

    def drop(self, item: Item) -> None:
        """Forget an item and all below it for good."""
        for one in self.below(item):
            self._unindex(one.id)
            self._book.drop(f"{one.kind}s", one.id)
            self.changes += 1

    def forget(self, owner: str) -> None:
        """Forget all items of somebody who is gone."""
        for item in self.of_owner(owner):
            self.drop(item)

    def give(self, item: Item, parent: str, owner: str) -> None:
        """Put an item, with all below it, under another parent, and let it be somebody's."""
        for one in self.below(item):
            place = parent if one.id == item.id else one.parent
            self.put(msgspec.structs.replace(one, owner=owner, parent=place))

    def _index(self, item: Item) -> None:
        self._items[item.id] = item
        if item.trashed_at:
            self._trash.setdefault(item.owner, {})[item.id] = None
            return
        among = self._folders if isinstance(item, Folder) else self._files
        among.setdefault((item.owner, item.parent), {})[item.id] = None
        self._names[item.owner, item.parent, item.name.casefold()] = item.id

    def _unindex(self, item_id: str) -> None:
        old = self._items.pop(item_id, None)
        if old is None:
            return
        if old.trashed_at:
            del self._trash[old.owner][old.id]
            return
        among = self._folders if isinstance(old, Folder) else self._files
        del among[old.owner, old.parent][old.id]
        name = old.owner, old.parent, old.name.casefold()
        if self._names.get(name) == old.id:
            del self._names[name]

    # --- transfers -------------------------------------------------------------------------------

    def transfers(self) -> list[Transfer]:
        """The transfers under way."""
        return list(self._transfers.values())

    def is_leaving(self, account_id: str) -> bool:
        """Whether this account's content is on its way to somebody."""
        return account_id in self._transfers

    def is_busy(self, account_id: str) -> bool:
        """Whether this account takes part in a transfer under way."""
        return self.is_leaving(account_id) or any(
            one.destination == account_id for one in self._transfers.values()
        )

    def is_target(self, folder_id: str) -> bool:
        """Whether a transfer under way will put its content here."""
        return any(one.folder == folder_id for one in self._transfers.values())

    def begin(self, transfer: Transfer) -> None:
        """A transfer sets out, or has been looked at."""
        self._transfers[transfer.source] = transfer
        self._book.put("transfers", transfer.source, msgspec.json.encode(transfer))
        self.changes += 1

    def end(self, transfer: Transfer) -> None:
        """A transfer is over."""
        del self._transfers[transfer.source]
        self._book.drop("transfers", transfer.source)
        self.changes += 1

    def look(self, account_id: str) -> None:
        """Count one look at somebody's content (`Choices.transfer_looks`)."""
        under_way = self._transfers.get(account_id)
        if under_way is not None and under_way.looks > 0:
            looked = msgspec.structs.replace(under_way, looks=under_way.looks - 1)
            self._transfers[account_id] = looked
            self._book.put("transfers", account_id, msgspec.json.encode(looked))
