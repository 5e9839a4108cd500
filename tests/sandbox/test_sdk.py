"""Box's own Python SDK, unmodified, against the sandbox: every sign-in, every call about users."""

from __future__ import annotations

import uuid

import pytest
from box_sdk_gen import (
    BaseUrls,
    BoxAPIError,
    BoxCCGAuth,
    BoxClient,
    BoxDeveloperTokenAuth,
    BoxJWTAuth,
    BoxRetryStrategy,
    CCGConfig,
    JWTConfig,
    NetworkSession,
    create_null,
)
from box_sdk_gen.managers.folders import CreateFolderParent, UpdateFolderByIdParent
from box_sdk_gen.managers.transfer import TransferOwnedFolderOwnedBy
from box_sdk_gen.managers.users import (
    CreateUserRole,
    GetUsersUserType,
    UpdateUserByIdNotificationEmail,
)
from box_sdk_gen.schemas import TrackingCode


def session(server):
    urls = BaseUrls(
        base_url=server.url, upload_url=f"{server.url}/api", oauth_2_url=f"{server.url}/api/oauth2"
    )
    return NetworkSession(base_urls=urls, retry_strategy=BoxRetryStrategy(retry_base_interval=0))


def jwt_auth(told):
    return BoxJWTAuth(JWTConfig.from_config_file(told["jwt_config"]))


def ccg_auth(told):
    return BoxCCGAuth(
        CCGConfig(
            client_id=told["client_id"],
            client_secret=told["client_secret"],
            enterprise_id=told["enterprise_id"],
        )
    )


def token_auth(told):
    return BoxDeveloperTokenAuth(token=told["developer_token"])


@pytest.fixture
def client(small):
    return BoxClient(auth=jwt_auth(small.announcement), network_session=session(small))


def refusal(call, *arguments, **named):
    with pytest.raises(BoxAPIError) as caught:
        call(*arguments, **named)
    return caught.value.response_info


@pytest.mark.parametrize(
    ("auth", "login"),
    [(jwt_auth, "AutomationUser_"), (ccg_auth, "AutomationUser_"), (token_auth, "ada@acme")],
)
def test_every_sign_in_says_who_it_is(small, auth, login):
    client = BoxClient(auth=auth(small.announcement), network_session=session(small))

    assert client.users.get_user_me().login.startswith(login)


@pytest.mark.parametrize("auth", [jwt_auth, ccg_auth])
def test_user_subject_is_that_user(small, auth):
    """Box's own test of this: test/auth.py of box-python-sdk."""
    chosen = auth(small.announcement).with_user_subject(small.announcement["admin_user_id"])
    client = BoxClient(auth=chosen, network_session=session(small))

    assert client.users.get_user_me().id == small.announcement["admin_user_id"]


def test_revoked_token_is_followed_by_a_new_one(small):
    auth, network = jwt_auth(small.announcement), session(small)
    before = auth.retrieve_token(network_session=network).access_token
    auth.revoke_token(network_session=network)

    assert auth.retrieve_token(network_session=network).access_token != before


def test_listing_counts_everybody(client):
    """Scenario one of test/users.py of box-python-sdk: a listing has a total."""
    users = client.users.get_users(limit=2)

    assert users.total_count == 10
    assert len(users.entries) == 2


def test_service_account_is_named(client):
    """Scenario two: who am I."""
    assert client.users.get_user_me(fields=["name", "enterprise"]).enterprise.id == "27335"


def test_app_user_lives_from_creation_to_deletion(client):
    """Scenario three: a login along with the platform flag, then get, rename, delete."""
    made = client.users.create_user(
        "Invented Person", login=f"{uuid.uuid4()}@mail.example", is_platform_access_only=True
    )
    read = client.users.get_user_by_id(made.id)
    renamed = client.users.update_user_by_id(made.id, name="Invented Again")
    client.users.delete_user_by_id(made.id)

    assert read.name == "Invented Person"
    assert renamed.name == "Invented Again"
    assert refusal(client.users.get_user_by_id, made.id).status_code == 404


def test_managed_user_keeps_what_the_sdk_sends(client):
    codes = [TrackingCode(name="Cost Center", value="7")]
    made = client.users.create_user(
        "Nia New",
        login="nia@acme.example",
        role=CreateUserRole.COADMIN,
        language="de",
        job_title="Head",
        space_amount=-1,
        tracking_codes=codes,
        is_exempt_from_device_limits=True,
    )

    fields = [
        "role",
        "tracking_codes",
        "language",
        "job_title",
        "space_amount",
        "is_exempt_from_device_limits",
    ]
    user = client.users.get_user_by_id(made.id, fields=fields)
    assert (user.role, user.language, user.job_title, user.space_amount) == ("coadmin", "de", "Head", -1)
    assert isinstance(user.tracking_codes[0], TrackingCode)
    assert user.is_exempt_from_device_limits is True


def test_marker_pages_lead_to_the_end(client):
    found, marker = [], None
    while True:
        page = client.users.get_users(usemarker=True, marker=marker, limit=4, fields=["name", "login"])
        found += page.entries
        marker = page.next_marker
        if not marker:
            break

    assert sorted(user.id for user in found) == [
        "100",
        "200",
        "201",
        "300",
        "301",
        "302",
        "303",
        "400",
        "401",
    ]


def test_app_user_is_found_by_external_id(client):
    users = client.users.get_users(external_app_user_id="client-2", user_type=GetUsersUserType.ALL)

    assert [user.id for user in users.entries] == ["401"]


def test_notification_email_comes_and_goes(client):
    given = client.users.update_user_by_id(
        "300", notification_email=UpdateUserByIdNotificationEmail(email="n@mail.example")
    )
    gone = client.users.update_user_by_id("300", notification_email=create_null())

    assert given.notification_email.email == "n@mail.example"
    assert gone.notification_email is None


def test_roll_out_is_a_null(client):
    client.users.update_user_by_id("300", enterprise=create_null(), notify=False)

    assert client.users.get_user_by_id("300", fields=["enterprise"]).enterprise is None
    assert "300" not in [user.id for user in client.users.get_users().entries]


def test_force_arrives_as_the_sdk_writes_it(client):
    assert refusal(client.users.delete_user_by_id, "301", force=False).status_code == 403
    client.users.delete_user_by_id("301", force=True, notify=False)


def test_as_user_header_arrives(small):
    admin = BoxClient(auth=token_auth(small.announcement), network_session=session(small))

    assert admin.with_as_user_header("300").users.get_user_me().id == "300"


def test_conflict_has_code_and_holder_where_the_sdk_looks(client):
    info = refusal(
        client.users.create_user, "Twice", is_platform_access_only=True, external_app_user_id="client-1"
    )

    assert (info.status_code, info.context_info["conflicts"][0]["id"]) == (409, "400")
    assert (
        refusal(client.users.create_user, "Twice", login="mia@acme.example").code == "user_login_already_used"
    )


def test_expired_token_is_renewed_by_the_sdk(seeded, clock):
    server = seeded(token_lifetime=10)
    client = BoxClient(auth=ccg_auth(server.announcement), network_session=session(server))
    client.users.get_user_me()

    clock.move(11)

    assert client.users.get_user_me().login.startswith("AutomationUser_")
    assert [line.status for line in server.log] == [200, 200, 401, 200, 200]


def test_limit_is_obeyed_by_the_sdk(seeded):
    """From 10.16 on the SDK reads `retry-after` in lower case (box-python-sdk, issue 1582)."""
    rules = [{"match": {"nth": 2}, "do": {"fault": 429, "retry_after": 0}}]
    server = seeded(rules=rules)
    client = BoxClient(auth=token_auth(server.announcement), network_session=session(server))

    for _ in range(3):
        client.users.get_user_me()

    assert [line.status for line in server.log] == [200, 429, 200, 200]


def test_content_goes_to_the_service_account_and_the_user_goes(client):
    """Box's own test of this: test/transfer.py of box-python-sdk."""
    source = client.users.create_user("Invented Person", is_platform_access_only=True)
    target = client.users.get_user_me()
    folder = client.transfer.transfer_owned_folder(
        source.id, TransferOwnedFolderOwnedBy(id=target.id), notify=False
    )

    assert folder.owned_by.id == target.id
    client.folders.delete_folder_by_id(folder.id, recursive=True)
    client.users.delete_user_by_id(source.id, notify=False, force=True)


def test_sessions_are_ended_in_the_words_the_sdk_expects(small):
    """Box's own test of this: test/session_termination.py of box-python-sdk."""
    auth = jwt_auth(small.announcement).with_user_subject(small.announcement["admin_user_id"])
    client = BoxClient(auth=auth, network_session=session(small))
    admin = client.users.get_user_me()
    ended = client.session_termination.terminate_users_sessions([admin.id], [admin.login])

    assert ended.message == ("Request is successful, please check the admin events for the status of the job")


def test_folder_is_made_found_and_moved_as_another_user(small):
    admin = BoxClient(auth=token_auth(small.announcement), network_session=session(small))
    mia = admin.with_as_user_header("300")
    archive, leaver = (
        mia.folders.create_folder(name, CreateFolderParent(id="0")) for name in ("Archive", "Leaver")
    )
    moved = mia.folders.update_folder_by_id(leaver.id, parent=UpdateFolderByIdParent(id=archive.id))

    assert (moved.parent.id, archive.owned_by.id) == (archive.id, "300")
    assert [one.name for one in mia.folders.get_folder_items("0").entries] == ["Archive"]
    assert [one.id for one in mia.folders.get_folder_items(archive.id, usemarker=True).entries] == [leaver.id]
    assert mia.folders.get_folder_by_id("0").name == "All Files"
    assert admin.folders.get_folder_items("0").total_count == 0


def test_files_are_files_to_the_sdk(small):
    admin = BoxClient(auth=token_auth(small.announcement), network_session=session(small))
    [document] = admin.with_as_user_header("301").folders.get_folder_items("0").entries

    assert (document.type, document.name) == ("file", "Document 1.txt")


def test_snapshot_is_read_by_the_sdk(start, small_seed):
    small_seed["groups"] = [{"name": "Staff", "members": ["alia@acme.example"]}]
    server = start(seed=small_seed)
    client = BoxClient(auth=jwt_auth(server.announcement), network_session=session(server))
    [group] = client.groups.get_groups(filter_term="Sta").entries
    [membership] = client.memberships.get_user_memberships("303").entries
    [alias] = client.email_aliases.get_user_email_aliases("303").entries

    assert (membership.group.id, membership.user.id, membership.role) == (group.id, "303", "member")
    assert client.memberships.get_group_memberships(group.id).entries[0].id == membership.id
    assert (alias.email, alias.is_confirmed) == ("al@acme.example", True)
