"""Every entry of the list of bad input stands at a test: by the mark `bad_input`, or as its id."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.conftest import COLLECTED

# The areas we have judged. Only the names: a test says what comes in and what has to come of it.
JUDGED = {
    "donation_form": """
        amount_empty amount_spaces amount_zero amount_below_min amount_negative
        amount_unicode_minus amount_plus_sign amount_max_plus_kop amount_1e3
        amount_1e999999999 amount_nan amount_snan amount_inf amount_minf amount_hex
        amount_arabic_digits amount_half_char amount_superscript amount_comma
        amount_space_thousands amount_nbsp_thousands amount_nnbsp_thousands
        amount_apostrophe amount_us_thousands amount_eu_thousands amount_dot_three
        amount_trailing_currency amount_text amount_sql amount_null_byte amount_newline
        amount_rtl amount_html amount_list amount_json_number preset_tampered
        currency_injected shop_id_injected campaign_id_of_other_tenant return_url_injected
        next_injected status_injected email_empty_when_required email_header_injection
        email_two email_angle email_cyrillic_domain email_cyrillic_local email_homoglyph
        email_trailing_zwsp email_bracket_ip email_formula email_null email_disposable_case
        name_rtl_override name_null name_template name_zalgo name_only_spaces name_bom
        name_101 name_emoji_zwj name_newlines name_lone_surrogate_json name_nfd comment_10k
        comment_links consent_missing consent_false submitted_in_300ms no_csrf_no_origin
        cross_origin_post origin_other_tenant origin_null token_reused
        token_reused_other_amount token_other_tenant method_get method_put method_head
        content_type_xml multipart_bomb_2000_fields body_3MB percent_bad cp1251_form utm_4kb
        utm_script recurring_flag_when_disabled xff_rotating card_testing_pattern
    """,
    "webhook": """
        valid duplicate_x10 not_json json_array json_number json_string json_nan
        json_deep_100k json_int_5000_digits json_dup_keys json_bom json_utf16 body_1MB
        lone_surrogate no_object object_string no_id id_int id_empty id_path_traversal
        id_query id_cancel_suffix id_crlf id_5000_chars id_sql unknown_payment forged_amount
        forged_currency forged_metadata forged_status_still_pending
        forged_status_canceled_at_api test_payment_on_live_shop event_unknown
        event_waiting_for_capture event_refund refund_exceeds canceled_after_succeeded
        event_payout ip_not_yookassa ip_spoof_xff ip_spoof_forwarded ip_spoof_client_ip
        ip_v4_mapped ip_garbage chunked_no_content_length gzip_body content_type_form
        method_get wrong_secret_path tenant_without_keys keys_rotated provider_down
        flood_1000_unknown_ids slowloris
    """,
    "return_page": """
        guess_other_donation sequential_id status_in_query concurrent_with_webhook reload_50
        other_host referrer_leak expired_24h cached_by_proxy
    """,
    "site_provisioning": """
        empty spaces label_only full upper trailing_dot leading_dot scheme path query
        userinfo space_inside trailing_hyphen hyphen_34 underscore label_64 total_256 ip4
        ip4_decimal ip6 localhost wildcard wildcard_sub reserved_www reserved_admin
        reserved_mail reserved_api reserved_static reserved_ns1 reserved_autodiscover
        reserved_wpad reserved_acme reserved_login reserved_pay lookalike_gosuslugi
        foreign_domain_not_verified duplicate_exact duplicate_case duplicate_other_port
        duplicate_race cyrillic_label punycode_ok rtl fullwidth_dot ideographic_dot emoji
        null crlf script yo ngo_name_empty ngo_name_300 ngo_name_newline
        editor_email_of_existing_user_elsewhere editor_email_of_superuser fail_in_the_middle
        delete_site_with_donations two_hundred_sites change_hostname default_site_unset
    """,
    "host_and_headers": """
        unknown_host host_suffix host_port host_dot host_userinfo host_empty host_ip
        two_hosts absolute_uri xfh xfp_http reset_poison reset_other_tenant_host
        admin_on_tenant_host admin_host_serves_pages cookie_toss_session cookie_toss_parent
        cookie_8kb path_traversal path_encoded path_bad_utf8 double_slash_redirect
        query_10k_params page_param_nan page_param_huge search_2000_chars cache_key_host
        accept_language
    """,
    "campaign_form": """
        title_255_plus title_rtl title_emoji title_only_emoji title_null title_script
        title_json_ld_break title_template title_newline slug_reserved slug_dotdot
        slug_cyrillic slug_duplicate goal_empty goal_zero goal_nan goal_inf goal_1e309
        goal_one_kop goal_trillion goal_three_decimals goal_text goal_spaces
        goal_lowered_below_collected deadline_past_on_create deadline_today deadline_9999
        deadline_feb30 deadline_us_format deadline_fullwidth deadline_with_tz deadline_empty
        donation_at_last_second year_end_report body_js_link body_js_link_tab body_data_link
        body_protocol_relative body_image_of_other_tenant image_fk_of_other_tenant
        page_link_to_other_tenant_draft body_1MB streamfield_unknown_block
        streamfield_broken_json two_editors publish_without_permission
        move_under_other_tenant copy_other_tenant_page embed_script_code
    """,
    "ngo_settings": """
        inn_ok inn_bad_checksum inn_9 inn_11 inn_12_person inn_zeros inn_letters inn_spaces
        inn_arabic inn_float inn_leading_zero_lost ogrn_bad_checksum ogrn_12 bic_ok bic_8
        bic_letters bic_bad_prefix account_bad_key account_19 account_of_other_bic
        account_currency_usd account_personal corr_bad purpose_1000 purpose_pipe
        shop_id_spaces secret_empty secret_masked secret_test_in_prod secret_with_newline
        secret_swapped secret_wrong secret_readback secret_in_revision
        encryption_key_missing email_from_foreign social_url_js thanks_url_external logo_svg
        settings_of_other_tenant min_gt_max presets_dup presets_20 presets_neg
    """,
    "upload": """
        svg_script svg_as_png html_as_jpg gif_js_polyglot jpeg_php_tail double_ext
        traversal_name null_name rtl_name name_cyrillic empty_file truncated_jpeg bomb_12k
        bomb_11k gif_10000_frames size_11MB exif_gps exif_script icc_huge cmyk_jpeg
        image_1x1 pdf_js docm_macro zip_of_html exe html_document doc_of_other_tenant quota
        disk_full parallel_20
    """,
    "embed_url": """
        youtube rutube vk_video suffix_trick query_trick userinfo_trick loopback_name
        metadata ipv6_loopback decimal_ip octal_ip gopher javascript data dns_rebind
        provider_hangs provider_10MB http_scheme url_5000 crlf widget_frame_parent
    """,
    "auth_and_tenancy": """
        login_unknown_user reset_unknown reset_flood next_external session_fixation
        session_deactivated_user superuser_no_2fa totp_replay totp_bruteforce
        editor_idor_post editor_bulk editor_chooser editor_reports editor_users_list
        editor_api editor_localize editor_settings_site_param donor_receipt_link
        unsubscribe_token_forged superuser_views_ngo_page csrf_admin_cross_tenant
        clickjack_admin logout_get audit
    """,
}


def test_every_judged_bad_input_has_a_test(pytestconfig: pytest.Config) -> None:
    """A name that stands in two areas needs two tests."""
    if [Path(place).name for place in pytestconfig.args] != ["tests"]:
        pytest.skip("told by the whole suite only: pytest -k judged_bad_input")
    marked, tests = set(), defaultdict(set)
    for item in pytestconfig.stash[COLLECTED]:
        marks = {name for mark in item.iter_markers("bad_input") for name in mark.args}
        call = getattr(item, "callspec", None)
        for name in marks.union(call.id.split("-") if call else ()):
            tests[name].add(item.nodeid.partition("[")[0])
        marked |= marks
    wanted = Counter(name for names in JUDGED.values() for name in names.split())
    assert [name for name, areas in wanted.items() if len(tests[name]) < areas] == []
    assert marked - wanted.keys() == set(), "marks that name nothing we have judged"
