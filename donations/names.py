"""Which word of a name is the given one. In doubt none: a surname is neither shown nor greeted."""

import re

SURNAME = re.compile(r"(?:[оеё]ва?|[иы]на?|[сц]к(?:ий|ая))\Z", re.IGNORECASE)
PATRONYMIC = re.compile(r"(?:ич|вна|чна)\Z", re.IGNORECASE)
AND = ("и", "and")
# Given names that end as surnames do.
ENDING_SO = """
    августин аделина акулина алевтина алина альбина амин амина ангелина антонин
    антонина арина валентин валентина василина вениамин галина дарина дина ева екатерина залина
    зина иов ирина карина каролина катерина константин кристина лев лина мадина мальвина
    марина мартин мартын мелина нина павлина полина рамин регина сабина северин фаина эвелина
    эльвина эмин юстина яков ярина ясин
"""
GIVEN = frozenset(ENDING_SO.split())
# The most usual others, with «е» for «ё». A surname of any ending is told by the one beside it.
USUAL = """
    агата агния аделия азалия азат айгуль айдар айрат александр александра алексей алена алеся
    алеша алиса алия алла алсу альберт альмира альфия анастасия анатолий андрей анжела
    анжелика анна антон анфиса аня аркадий арсен арсений артем артур ася афанасий богдан борис
    булат вадим валерий валерия варвара варя василий василиса вася вера вероника виктор
    виктория виолетта виталий витя влад влада владимир владислав владислава володя всеволод
    вячеслав галя геннадий георгий герман глеб григорий гузель гульнара давид даниил данил
    данила дарья даша денис диана дима динар динара дмитрий евгений евгения егор елена
    елизавета ефим жанна женя захар зинаида злата зоя зульфия иван игнат игорь илона ильдар
    ильнар ильнур ильшат илья инга инесса инна иосиф ира ираида ия камиль катя кира кирилл
    клавдия клара климент коля костя ксения лада лариса лейла лена леонид лера леся лидия лиза
    лика лилия лиля люба любовь люда людмила ляйсан макар максим марат маргарита мария марк
    марта марьяна матвей маша мирон мирослав мирослава михаил миша надежда надя назар наиля
    настя наталия наталья наташа наум нелли ника никита николай нонна оксана олег олеся ольга
    оля павел паша петр платон прохор равиль радик раиса рамиль ренат рената римма рита роза
    рома роман ростислав руслан рустам савелий саша света светлана святослав семен серафим
    серафима сергей сережа слава снежана соня софия софья станислав степан таисия тамара таня
    тарас татьяна тимофей тимур толя ульяна федор филипп шамиль эдуард элла эльвира эльдар
    эльмира эмилия эмма юлиан юлия юля юра юрий ян яна ярослав ярослава
"""
KNOWN = GIVEN | frozenset(USUAL.split())


def given_and_family(name: str) -> tuple[str, str]:
    """«Анна», «Петрова» of a name with at least one word, whichever of them stands first."""
    words = [word.title() if word.islower() else word for word in name.split()]
    is_doubtful = is_surname(words[0])
    by_surname_first = len(words) == 2 and (
        (is_doubtful and not is_surname(words[1]))
        or (is_known(words[1]) and not is_known(words[0]))
    )
    by_patronymic_last = len(words) == 3 and PATRONYMIC.search(words[2])
    if by_surname_first or by_patronymic_last:
        return words[1], words[0]
    if is_doubtful:
        return "", words[0]
    if len(words) > 2 and words[1].lower() in AND:
        return words[0] if is_surname(words[2]) else f"{words[0]} {words[1].lower()} {words[2]}", ""
    return words[0], words[-1] if len(words) > 1 else ""


def is_surname(word: str) -> bool:
    return bool(SURNAME.search(word)) and word.lower() not in GIVEN


def is_known(word: str) -> bool:
    """Whether it is a given name people here have."""
    return word.lower().replace("ё", "е") in KNOWN
