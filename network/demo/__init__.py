"""The demo network as data: one TOML file per site, pictures beside them.

``load_sites()`` gives the sites in the order in which they are opened, the centre first.
Nothing here imports Django: ``manage.py demo`` turns these values into pages and payments.

A site's file holds
    label            first part of the host name, "" for the centre itself
    languages        codes, the main language first
    [organisation]   requisites, named as the fields of the organisation's settings. They are
                     invented: region code 00 exists in no register, so neither INN, OGRN nor BIC
                     can belong to anybody, yet every control digit is right
    [appearance]     tagline, accent, second (hex colours), logo (picture); fonts, header, home and
                     footer_notice may be left out
    [channels]       vk_url, max_url, ok_url, telegram_url, each may be ""
    [home]           page; [about], [contacts] and [campaigns_page] are pages too
    [[campaigns]]    slug, page, goal (absent: none), deadline_days (from today) or deadline (a
                     fixed ISO date) or neither, stages and budget (lists of title and sum; each
                     makes the goal), if_less, if_more, units (count, noun, price), share (percent of the goal its donations make),
                     news (title, days_ago, body, optional picture and translations.<code>
                     of title and body),
                     state (a note for those who show the demo), topic and district (for the
                     showcase: every campaign of the demo is in it), donations, report (due,
                     event_on, event_place, event_people, spent: a sum for each line of the budget,
                     body)

A page has title, lead, optional picture, body and ``translations.<code>`` (title, lead, body; of
a campaign also titles of its stages, if_less, if_more).
A picture is ``{ file, alt }`` inside ``pictures/``. A body is a list of blocks, told apart by
``type``: text (text), picture (picture, caption), video (title, url, site_name, poster), quote
(text, who), faq (items of question and answer), donation (heading, intro, presets of amount and
meaning); those of ``AS_STORED`` have the names of the blocks' own fields. Long texts know three marks: an empty line ends a paragraph, ``## `` begins a heading,
``- `` begins a list item; they arrive as safe HTML.

A donation is ``{ name, show_name, amount, days_ago, message }``; ``name`` may be "". Days are
counted back from today, or from the last day of a campaign that is over.
"""

from network.demo.blocks import (
    Block,
    DonationBlock,
    FaqBlock,
    Picture,
    PictureBlock,
    QuoteBlock,
    StoredBlock,
    TextBlock,
    VideoBlock,
)
from network.demo.campaigns import DemoCampaign, DemoNews, DemoReport
from network.demo.pages import DemoPage
from network.demo.sites import DemoSite, load_sites
from network.demo.tables import DemoDataError

__all__ = (
    "Block",
    "DemoCampaign",
    "DemoDataError",
    "DemoNews",
    "DemoPage",
    "DemoReport",
    "DemoSite",
    "DonationBlock",
    "FaqBlock",
    "Picture",
    "PictureBlock",
    "QuoteBlock",
    "StoredBlock",
    "TextBlock",
    "VideoBlock",
    "load_sites",
)
