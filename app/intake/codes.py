"""Language, country and currency codes as files and callers write them, brought to one form."""

from __future__ import annotations

import functools
import re

_LANGUAGES = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv
    dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig
    ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh
    mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru
    rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug
    uk ur uz ve vi vo wa wo xh yi yo za zh zu"""
ISO_639_1 = frozenset(_LANGUAGES.split())

# ISO 3166-1 alpha-2, and XK, which European statistics use for Kosovo.
_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER
    ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID
    IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV
    LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR
    NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL
    SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC
    VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"""
ISO_3166_1 = frozenset(_COUNTRIES.split())

# ISO 4217, the currencies that are legal tender today.
_CURRENCIES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
    LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
    OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
    SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF
    YER ZAR ZMW ZWG"""
ISO_4217 = frozenset(_CURRENCIES.split())

# The European institutions write these two differently from ISO 3166-1.
_COUNTRY_ALIASES = {"EL": "GR", "UK": "GB"}

_LANGUAGE_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")


@functools.lru_cache(maxsize=1024)
def language_code(text: str) -> str | None:
    """Give the ISO 639-1 code of a language tag, or None if it is not known.

    Regions and scripts are dropped and other codes of the same language replaced.

    >>> language_code("fr-FR"), language_code("ara"), language_code("xx")
    ('fr', 'ar', None)
    """
    match = _LANGUAGE_TAG.fullmatch(text.strip())
    if match is None:
        return None
    code = match[1].lower()
    if code in ISO_639_1:
        return code
    from babel.core import get_global  # 20 ms, and rarely needed

    alias = get_global("language_aliases").get(code, "")
    code = alias.split("_")[0]
    return code if code in ISO_639_1 else None


@functools.lru_cache(maxsize=1024)
def country_code(text: str) -> str | None:
    """Give the ISO 3166-1 alpha-2 code of a country code, or None if it is not known.

    >>> country_code("el"), country_code("TUN"), country_code("ZZ")
    ('GR', 'TN', None)
    """
    code = text.strip().upper()
    code = _COUNTRY_ALIASES.get(code, code)
    if code in ISO_3166_1:
        return code
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        return None
    from babel.core import get_global

    # A dissolved country has several successors; guessing one would be wrong.
    aliases = get_global("territory_aliases").get(code, [])
    return aliases[0] if len(aliases) == 1 and aliases[0] in ISO_3166_1 else None
