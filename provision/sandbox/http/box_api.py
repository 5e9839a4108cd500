"""What Box's API description has (github.com/box/box-openapi, versions 2024.0 and later): paths by their verbs.

`find` tells from it "not built here" (501) from "Box has no such thing" (404, 405). `*` stands for one part.
"""

from __future__ import annotations

import re
from functools import cache

#: more parts than any path has
MANY = 99
_KNOWN = """
DELETE:
  /folder_locks/* /users/*/email_aliases/*
DELETE GET:
  /collaboration_whitelist_entries/* /collaboration_whitelist_exempt_targets/* /device_pinners/*
  /files/*/trash /folders/*/trash /legal_hold_policy_assignments/* /metadata_cascade_policies/*
  /retention_policy_assignments/* /shield_information_barrier_segment_members/*
  /shield_information_barrier_segment_restrictions/* /web_links/*/trash
DELETE GET PATCH:
  /metadata_taxonomies/*/* /metadata_taxonomies/*/*/nodes/*
DELETE GET POST:
  /users/*/avatar
DELETE GET POST PUT:
  /files/* /files/*/metadata/*/* /folders/* /folders/*/metadata/*/* /web_links/*
DELETE GET PUT:
  /ai_agents/* /collaborations/* /comments/* /file_requests/* /files/*/versions/* /files/*/watermark
  /files/upload_sessions/* /folders/*/watermark /group_memberships/* /groups/*
  /legal_hold_policies/* /metadata_templates/*/*/schema /retention_policies/*
  /shield_information_barrier_segments/* /storage_policy_assignments/* /task_assignments/* /tasks/*
  /users/* /webhooks/*
DELETE PUT:
  /integration_mappings/slack/* /integration_mappings/teams/*
GET:
  /ai_agent_default /collections /collections/* /collections/*/items /enterprises/*/device_pinners
  /file_version_legal_holds /file_version_legal_holds/* /file_version_retentions
  /file_version_retentions/* /files/*/app_item_associations /files/*/collaborations
  /files/*/comments /files/*/metadata /files/*/tasks /files/*/thumbnail.* /files/*/versions
  /files/upload_sessions/*/parts /folders/*/app_item_associations /folders/*/collaborations
  /folders/*/items /folders/*/metadata /folders/trash/items /groups/*/collaborations
  /groups/*/memberships /invites/* /legal_hold_policy_assignments/*/file_versions_on_hold
  /legal_hold_policy_assignments/*/files_on_hold /metadata_taxonomies/* /metadata_templates
  /metadata_templates/* /metadata_templates/*/*/fields/*/options /recent_items
  /retention_policies/*/assignments /retention_policy_assignments/*/file_versions_under_retention
  /retention_policy_assignments/*/files_under_retention /search /shared_items
  /shield_information_barrier_reports/* /shield_information_barriers/* /sign_requests/*
  /sign_templates /sign_templates/* /storage_policies /storage_policies/* /tasks/*/assignments
  /users/*/memberships /users/me /workflows /zip_downloads/*/content /zip_downloads/*/status
GET OPTIONS:
  /events
GET POST:
  /ai_agents /collaboration_whitelist_entries /collaboration_whitelist_exempt_targets
  /collaborations /files/*/content /folder_locks /groups /integration_mappings/slack
  /integration_mappings/teams /legal_hold_policies /legal_hold_policy_assignments
  /metadata_cascade_policies /metadata_taxonomies/*/*/nodes /retention_policies
  /shield_information_barrier_reports /shield_information_barrier_segment_members
  /shield_information_barrier_segment_restrictions /shield_information_barrier_segments
  /shield_information_barriers /sign_requests /storage_policy_assignments
  /terms_of_service_user_statuses /terms_of_services /users /users/*/email_aliases /webhooks
GET PUT:
  /terms_of_services/*
OPTIONS POST:
  /files/content
PATCH:
  /metadata_taxonomies/*/*/levels/*
POST:
  /ai/ask /ai/extract /ai/extract_structured /ai/text_gen /comments /file_requests/*/copy
  /files/*/copy /files/*/upload_sessions /files/*/versions/current /files/upload_sessions
  /files/upload_sessions/*/commit /folders /folders/*/copy /group_memberships
  /groups/terminate_sessions /invites /metadata_cascade_policies/*/apply
  /metadata_queries/execute_read /metadata_taxonomies /metadata_taxonomies/*/*/levels
  /metadata_taxonomies/*/*/levels:append /metadata_taxonomies/*/*/levels:trim
  /metadata_templates/schema /retention_policy_assignments
  /shield_information_barriers/change_status /sign_requests/*/cancel /sign_requests/*/resend
  /task_assignments /tasks /users/terminate_sessions /web_links /workflows/*/start /zip_downloads
PUT:
  /skill_invocations/* /terms_of_service_user_statuses/* /users/*/folders/0
# of the versions after it, as the clients have them
GET:
  /automate_workflows /docgen_batch_jobs/* /docgen_jobs /docgen_jobs/* /docgen_template_jobs/* /docgen_templates/*/tags
  /enterprise_configurations/* /enterprise_hubs /hub_document_blocks /hub_document_pages /hub_items
GET POST:
  /archives /docgen_templates /hub_collaborations /hubs /shield_lists
DELETE GET:
  /docgen_templates/*
DELETE GET PUT:
  /hub_collaborations/* /hubs/* /shield_lists/*
DELETE PUT:
  /archives/*
POST:
  /automate_workflows/*/start /docgen_batches /external_users/submit_delete_job /hubs/*/copy /hubs/*/manage_items
  /notes/convert /query /query_insights
"""


def shelf(path: str) -> tuple[int, str]:
    """What a path has in common with every pattern that it can fit: how many parts it has, and the first name in them."""
    first, _, rest = path.removeprefix("/").partition("/")
    return path.count("/"), rest.partition("/")[0] if first == "2.0" else first


@cache
def _rows() -> dict[tuple[int, str], list[tuple[re.Pattern[str], frozenset[str], int]]]:
    found: dict[tuple[int, str], list[tuple[re.Pattern[str], frozenset[str], int]]] = {}
    verbs: frozenset[str] = frozenset()
    for line in _KNOWN.splitlines():
        if line.startswith("#"):
            continue
        if line.endswith(":"):
            verbs = frozenset(line[:-1].split())
            continue
        for one in line.split():
            path = f"/2.0{one}"
            pattern = re.compile(re.escape(path).replace(r"\*", "[^/]+"))
            found.setdefault(shelf(path), []).append((pattern, verbs, one.count("*")))
    return found


def verbs_of(path: str) -> tuple[frozenset[str], int]:
    """The verbs that Box has for a path, and how many parts of it are variable; none if it has no such path."""
    near = _rows().get(shelf(path), ())
    fitting = [(verbs, stars) for pattern, verbs, stars in near if pattern.fullmatch(path)]
    if not fitting:
        return frozenset(), MANY
    fewest = min(stars for _, stars in fitting)
    return frozenset[str]().union(*(verbs for verbs, stars in fitting if stars == fewest)), fewest
