"""What accounts own, as a small model: folders, files by number and bytes, and the transfers under way.

An account's own files are a number and a size on the account itself, so a million accounts cost nothing more. Only
folders that were seeded, made or got by a transfer are values of their own. Nothing is shared: who owns a folder owns
all below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .accounts import Account
    from .state import Book

ROOT = "0"


class Folder(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One folder. parent `0` is its owner's root. files: how many lie in it directly; size: bytes of all below it.

    origin: the account whose files they were; their ids and names follow from it.
    """

    id: str
    name: str
    owner: str
    created_at: str
    modified_at: str
    parent: str = ROOT
    files: int = 0
    size: int = 0
    origin: str = ""
    version: int = 0


class Transfer(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A transfer under way: from whom, to whom, into which folder; it ends at a moment and after so many looks."""

    source: str
    destination: str
    folder: str
    ends_at: float
    looks: int


def loose_files(account: Account) -> int:
    """How many files lie in an account's root."""
    return account.files or int(account.owns_content)


class Content:
    """All folders and transfers, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self.changes = 0
        self._book = book
        self._folders: dict[str, Folder] = {}
        self._inside: dict[tuple[str, str], dict[str, None]] = {}
        self._transfers: dict[str, Transfer] = {}

    def fill(self, folders: Iterable[Folder], transfers: Iterable[Transfer] = ()) -> None:
        """Take in what there is at the start, without writing anything down."""
        for folder in folders:
            self._index(folder)
        self._transfers |= {one.source: one for one in transfers}

    # --- folders ---------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Folder]:
        return iter(list(self._folders.values()))

    def get(self, folder_id: str) -> Folder | None:
        """The folder with this id."""
        return self._folders.get(folder_id)

    def inside(self, owner: str, parent: str) -> list[Folder]:
        """The folders directly in a folder, or in somebody's root, by name."""
        found = (self._folders[one] for one in self._inside.get((owner, parent), ()))
        return sorted(found, key=lambda folder: (folder.name.casefold(), folder.id))

    def named(self, owner: str, parent: str, name: str) -> Folder | None:
        """The folder with this name in a folder; letter case makes no other name (API reference, POST /folders)."""
        low = name.casefold()
        return next((one for one in self.inside(owner, parent) if one.name.casefold() == low), None)

    def below(self, folder: Folder) -> list[Folder]:
        """A folder and all folders below it."""
        found = [folder]
        for one in found:
            found += self.inside(one.owner, one.id)
        return found

    def is_owner(self, account: Account) -> bool:
        """Whether an account owns anything."""
        return account.owns_content or bool(self._inside.get((account.id, ROOT)))

    def put(self, folder: Folder) -> Folder:
        """Keep a folder, new or changed."""
        self._unindex(folder.id)
        self._index(folder)
        self._book.put("folders", folder.id, msgspec.json.encode(folder))
        self.changes += 1
        return folder

    def drop(self, folder: Folder) -> None:
        """Forget a folder and all below it."""
        for one in self.below(folder):
            self._unindex(one.id)
            self._book.drop("folders", one.id)
            self.changes += 1

    def forget(self, owner: str) -> None:
        """Forget all folders of somebody who is gone."""
        for folder in self.inside(owner, ROOT):
            self.drop(folder)

    def _index(self, folder: Folder) -> None:
        self._folders[folder.id] = folder
        self._inside.setdefault((folder.owner, folder.parent), {})[folder.id] = None

    def _unindex(self, folder_id: str) -> None:
        old = self._folders.pop(folder_id, None)
        if old is not None:
            del self._inside[old.owner, old.parent][old.id]

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
