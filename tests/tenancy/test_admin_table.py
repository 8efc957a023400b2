"""Each screen of the admin has been judged: open to NGO people, or closed on purpose."""

from tenancy.admin_gate import SERVER_SCREENS, open_screens
from tests.walls.addresses import screens

# The centre's own screens, by the beginning of their names.
CENTRE = ("network_", "legal_wording")
# Wagtail's and localize's, closed to NGO people. They list or change what is everybody's.
CLOSED = {
    "wagtailadmin_api:pages": "find action",
    "wagtailadmin_api:documents": "listing detail find",
    "wagtailadmin_api:images": "listing detail find",
    "wagtailadmin_pages": (
        "type_use type_use_results choose_parent workflow_history workflow_history_detail"
        " workflow_action collect_workflow_action_data confirm_workflow_cancellation"
        " workflow_preview"
    ),
    "wagtailadmin_collections": "index add edit delete set_privacy",
    "wagtailadmin_workflows": (
        "index index_results add enable disable edit usage usage_results remove add_task"
        " select_task_type task_index task_index_results edit_task disable_task enable_task"
        " task_chooser task_chooser_results task_chooser_create task_chosen"
    ),
    "wagtailadmin_reports": (
        "locked_pages locked_pages_results workflow workflow_results workflow_tasks"
        " workflow_tasks_results site_history site_history_results aging_pages aging_pages_results"
        " page_types_usage page_types_usage_results"
    ),
    "wagtail_localize": (
        "submit_snippet_translation machine_translate"
        " translations_report translations_report_results snippets_api_listing snippets_api_detail"
    ),
    "wagtailembeds": "chooser chooser_upload",
    "wagtailsnippets": "index",
    "wagtailimages": "url_generator url_generator_output preview",
    "wagtaillocales": "index index_results add edit delete history history_results usage copy",
    "": (
        "wagtailadmin_tag_autocomplete wagtailadmin_tag_model_autocomplete wagtailadmin_error_test"
    ),
}


def closed() -> set[str]:
    return {
        f"{space}:{name}" if space else name
        for space, names in CLOSED.items()
        for name in names.split()
    }


def test_every_screen_is_open_or_closed_on_purpose() -> None:
    """A new screen, ours or of an upgrade, stands here. Open it with the hook register_open_screens
    (tenancy/admin_gate.py) once its rows are narrowed; else write it above."""
    names = {screen.name for screen in screens()}
    judged = closed() | open_screens().keys()
    unknown = {name for name in names - judged if not name.startswith((*CENTRE, *SERVER_SCREENS))}
    assert unknown == set()


def test_no_screen_is_open_and_closed_at_once_or_gone() -> None:
    names = {screen.name for screen in screens()}
    assert closed() & open_screens().keys() == set()
    assert open_screens().keys() - names == set()
    assert closed() - names == set()
