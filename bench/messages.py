"""Twenty messages as they are met: of a traffic generator, of phones and of proxies.

The first ten are worded as sipp's built-in scenarios word theirs. The others come from
desk phones, a softphone and a registrar behind a proxy: compact forms, ten and more
headers, ``rport``, Record-Route, bodies. Half are requests. `requests` makes any number
of MESSAGE requests in both styles for measurements over the network.
"""

# ruff: noqa: E501  # messages have lines as long as they are
from __future__ import annotations

from collections.abc import Iterator

_SDP = """v=0
o=user1 53655765 2353687637 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""

_GENERATOR = [
    f"""INVITE sip:service@127.0.0.1:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-1-0
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag001
To: service <sip:service@127.0.0.1:5060>
Call-ID: 1-4021@127.0.0.1
CSeq: 1 INVITE
Contact: sip:sipp@127.0.0.1:5061
Max-Forwards: 70
Subject: Performance Test
Content-Type: application/sdp
Content-Length: @

{_SDP}""",
    """SIP/2.0 180 Ringing
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-1-0
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag001
To: service <sip:service@127.0.0.1:5060>;tag=4019SIPpTag011
Call-ID: 1-4021@127.0.0.1
CSeq: 1 INVITE
Contact: <sip:127.0.0.1:5060;transport=UDP>
Content-Length: 0

""",
    f"""SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-1-0
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag001
To: service <sip:service@127.0.0.1:5060>;tag=4019SIPpTag011
Call-ID: 1-4021@127.0.0.1
CSeq: 1 INVITE
Contact: <sip:127.0.0.1:5060;transport=UDP>
Content-Type: application/sdp
Content-Length: @

{_SDP}""",
    """ACK sip:service@127.0.0.1:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-1-5
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag001
To: service <sip:service@127.0.0.1:5060>;tag=4019SIPpTag011
Call-ID: 1-4021@127.0.0.1
CSeq: 1 ACK
Contact: sip:sipp@127.0.0.1:5061
Max-Forwards: 70
Subject: Performance Test
Content-Length: 0

""",
    """BYE sip:service@127.0.0.1:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-1-7
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag001
To: service <sip:service@127.0.0.1:5060>;tag=4019SIPpTag011
Call-ID: 1-4021@127.0.0.1
CSeq: 2 BYE
Contact: sip:sipp@127.0.0.1:5061
Max-Forwards: 70
Subject: Performance Test
Content-Length: 0

""",
    """SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-1-7
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag001
To: service <sip:service@127.0.0.1:5060>;tag=4019SIPpTag011
Call-ID: 1-4021@127.0.0.1
CSeq: 2 BYE
Contact: <sip:127.0.0.1:5060;transport=UDP>
Content-Length: 0

""",
    """OPTIONS sip:service@127.0.0.1:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-2-0
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag002
To: service <sip:service@127.0.0.1:5060>
Call-ID: 2-4021@127.0.0.1
CSeq: 1 OPTIONS
Contact: sip:sipp@127.0.0.1:5061
Max-Forwards: 70
Subject: Performance Test
Accept: application/sdp
Content-Length: 0

""",
    """SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-2-0
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag002
To: service <sip:service@127.0.0.1:5060>;tag=4019SIPpTag012
Call-ID: 2-4021@127.0.0.1
CSeq: 1 OPTIONS
Contact: <sip:127.0.0.1:5060;transport=UDP>
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, MESSAGE
Accept: application/sdp
Content-Length: 0

""",
    """MESSAGE sip:service@127.0.0.1:5060 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-3-0
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag003
To: service <sip:service@127.0.0.1:5060>
Call-ID: 3-4021@127.0.0.1
CSeq: 1 MESSAGE
Contact: sip:sipp@127.0.0.1:5061
Max-Forwards: 70
Subject: Performance Test
Content-Type: text/plain
Content-Length: @

The quick brown fox jumps over the lazy dog, and over the fence, and is gone.
""",
    """SIP/2.0 200 OK
Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-4021-3-0
From: sipp <sip:sipp@127.0.0.1:5061>;tag=4021SIPpTag003
To: service <sip:service@127.0.0.1:5060>;tag=4019SIPpTag013
Call-ID: 3-4021@127.0.0.1
CSeq: 1 MESSAGE
Contact: <sip:127.0.0.1:5060;transport=UDP>
Content-Length: 0

""",
]

_PHONE_SDP = """v=0
o=- 20518 0 IN IP4 203.0.113.61
s=call
c=IN IP4 203.0.113.61
b=AS:84
t=0 0
m=audio 11784 RTP/AVP 9 8 0 18 101
a=rtpmap:9 G722/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:18 G729/8000
a=fmtp:18 annexb=no
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=rtcp:11785
a=ptime:20
a=sendrecv
"""

_PHONES = [
    f"""INVITE sip:+49301234567@sip.example.com;user=phone SIP/2.0
Via: SIP/2.0/UDP 192.168.1.61:5062;branch=z9hG4bK2d4f3a81c97;rport
Route: <sip:edge.example.com;lr>
Max-Forwards: 70
From: "Anna Schmidt" <sip:anna@sip.example.com>;tag=8f3ab21c04
To: <sip:+49301234567@sip.example.com;user=phone>
Call-ID: 7b1e93d2@192.168.1.61
CSeq: 102 INVITE
Contact: <sip:anna@192.168.1.61:5062;line=tyfu7mnd>;reg-id=1
X-Serialnumber: 000413A63F2C
P-Key-Flags: resolution="31x13", keys="4"
User-Agent: Snom-D785/10.1.46
Accept: application/sdp
Allow: INVITE, ACK, CANCEL, BYE, REFER, OPTIONS, NOTIFY, SUBSCRIBE, PRACK, UPDATE
Allow-Events: talk, hold, refer, call-info
Supported: timer, 100rel, replaces, from-change
Session-Expires: 3600
Min-SE: 90
Content-Type: application/sdp
Content-Length: @

{_PHONE_SDP}""",
    """REGISTER sip:example.com SIP/2.0
v: SIP/2.0/UDP 10.0.4.17:5060;rport;branch=z9hG4bKPj8a61e3b7-5c0f-4d0e-9a55-8f1c2f
Max-Forwards: 70
f: "Reception" <sip:100@example.com>;tag=Pj41d7c9f0-21a4-4d6c
t: "Reception" <sip:100@example.com>
i: 0c7de2f1-5a33-42b9-bd0e-64d1f1f6e1aa
CSeq: 31872 REGISTER
User-Agent: Yealink SIP-T46S 66.86.0.15
k: outbound, path
m: <sip:100@10.0.4.17:5060;ob>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-805ec0a1b2c3>"
Expires: 300
Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS
Authorization: Digest username="100", realm="example.com", nonce="1763026867/5f2c1b9d0e77ab", uri="sip:example.com", response="6629fae49393a05397450978507c4ef1", algorithm=MD5, cnonce="7d2e5c0b", opaque="4d1c6aab", qop=auth, nc=00000001
l: 0

""",
    """SUBSCRIBE sip:101@example.com SIP/2.0
v: SIP/2.0/UDP 10.0.4.17:5060;rport;branch=z9hG4bKPj1b29ac44-77c1-4f7c-8b6a-2ab1d0
Max-Forwards: 70
f: "Reception" <sip:100@example.com>;tag=Pj77e0a2b8-4e0d-49c3
t: <sip:101@example.com>
i: 3e94c6b8-11fd-4f0a-b7c3-5e1f30a7d211
CSeq: 18411 SUBSCRIBE
Route: <sip:198.51.100.10;lr>
m: <sip:100@10.0.4.17:5060;ob>
o: dialog
Expires: 600
k: replaces, 100rel, timer, norefersub
Accept: application/dialog-info+xml
Allow-Events: presence, message-summary, dialog, refer
Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS
User-Agent: Yealink SIP-T46S 66.86.0.15
l: 0

""",
    """NOTIFY sip:100@10.0.4.17:5060;ob SIP/2.0
Via: SIP/2.0/UDP 198.51.100.10;branch=z9hG4bK5c1f.7e2a6d43.0
Via: SIP/2.0/UDP 198.51.100.22:5080;received=198.51.100.22;branch=z9hG4bK26d0fc81;rport=5080
Record-Route: <sip:198.51.100.10;lr=on;ftag=as59c1d2e0>
Max-Forwards: 69
From: <sip:101@example.com>;tag=as59c1d2e0
To: "Reception" <sip:100@example.com>;tag=Pj77e0a2b8-4e0d-49c3
Call-ID: 3e94c6b8-11fd-4f0a-b7c3-5e1f30a7d211
CSeq: 104 NOTIFY
Contact: <sip:101@198.51.100.22:5080>
Event: dialog
Subscription-State: active;expires=597
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH
Supported: replaces, timer
User-Agent: FPBX-16.0.40(20.9.2)
Content-Type: application/dialog-info+xml
Content-Length: @

<?xml version="1.0"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="4" state="full" entity="sip:101@example.com">
<dialog id="101" call-id="pdlg-101" local-tag="as7e" remote-tag="8f3ab21c04" direction="recipient">
<remote><identity display="Anna Schmidt">sip:anna@sip.example.com</identity><target uri="sip:anna@sip.example.com"/></remote>
<local><identity>sip:101@example.com</identity><target uri="sip:101@example.com"/></local>
<state>terminated</state></dialog>
</dialog-info>
""",
    """MESSAGE sip:bob@198.51.100.10;transport=UDP SIP/2.0
v: SIP/2.0/UDP 203.0.113.9:49152;branch=z9hG4bK-524287-1---f0c2a19e7d3b6c58;rport
Max-Forwards: 70
Record-Route: <sip:198.51.100.10;lr;ftag=2e5c7b41>
m: <sip:alice@203.0.113.9:49152;transport=UDP>
t: <sip:bob@example.org>
f: "Alice" <sip:alice@example.org>;tag=2e5c7b41
i: kJ2vQ8fRm0XcZ7YbTn4sLg..
CSeq: 2 MESSAGE
Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE
k: replaces, norefersub, extended-refer, timer, outbound, path, X-cisco-serviceuri
c: text/plain;charset=utf-8
User-Agent: Z 5.6.1 v2.10.19.9
P-Asserted-Identity: "Alice" <sip:alice@example.org>
Privacy: none
Date: Fri, 13 Nov 2026 09:41:07 GMT
Allow-Events: presence, kpml, talk, as-feature-event
l: @

Are you coming to lunch? We meet at noon, downstairs, and go to the place at the corner.
If you can't make it, tell Carol: she knows where to find us later, and has the tickets.
""",
    f"""SIP/2.0 183 Session Progress
Via: SIP/2.0/UDP 192.168.1.61:5062;branch=z9hG4bK2d4f3a81c97;rport=5062;received=203.0.113.61
Record-Route: <sip:198.51.100.10;lr;ftag=8f3ab21c04>, <sip:edge.example.com;lr>
From: "Anna Schmidt" <sip:anna@sip.example.com>;tag=8f3ab21c04
To: <sip:+49301234567@sip.example.com;user=phone>;tag=SDt5q0c99-1d00e3
Call-ID: 7b1e93d2@192.168.1.61
CSeq: 102 INVITE
Contact: <sip:+49301234567@198.51.100.40:5060;transport=udp>
Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, OPTIONS, REGISTER, SUBSCRIBE, NOTIFY
Require: 100rel
RSeq: 8675
P-Early-Media: sendrecv
Server: SBC/9.2
Content-Type: application/sdp
Content-Length: @

{_PHONE_SDP}""",
    f"""SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.168.1.61:5062;received=203.0.113.61;branch=z9hG4bK2d4f3a81c97;rport=5062
Record-Route: <sip:198.51.100.10;lr;ftag=8f3ab21c04>
Record-Route: <sip:edge.example.com;lr>
From: "Anna Schmidt" <sip:anna@sip.example.com>;tag=8f3ab21c04
To: <sip:+49301234567@sip.example.com;user=phone>;tag=SDt5q0c99-1d00e3
Call-ID: 7b1e93d2@192.168.1.61
CSeq: 102 INVITE
Contact: <sip:+49301234567@198.51.100.40:5060;transport=udp>
Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, OPTIONS, REGISTER, SUBSCRIBE, NOTIFY
Supported: timer, 100rel
Require: timer
Session-Expires: 3600;refresher=uac
P-Asserted-Identity: <sip:+49301234567@sip.example.com;user=phone>
Server: SBC/9.2
Content-Type: application/sdp
Content-Length: @

{_PHONE_SDP}""",
    """SIP/2.0 401 Unauthorized
v: SIP/2.0/UDP 10.0.4.17:5060;rport=61022;received=203.0.113.80;branch=z9hG4bKPj8a61e3b6-5c0f-4d0e-9a55-8f1c2f
i: 0c7de2f1-5a33-42b9-bd0e-64d1f1f6e1aa
f: "Reception" <sip:100@example.com>;tag=Pj41d7c9f0-21a4-4d6c
t: "Reception" <sip:100@example.com>;tag=z9hG4bKPj8a61e3b6
CSeq: 31871 REGISTER
WWW-Authenticate: Digest realm="example.com", nonce="1763026867/5f2c1b9d0e77ab", opaque="4d1c6aab", algorithm=MD5, qop="auth"
Server: Asterisk PBX 20.9.2
Allow: OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE
l: 0

""",
    """SIP/2.0 200 OK
v: SIP/2.0/UDP 10.0.4.17:5060;rport=61022;received=203.0.113.80;branch=z9hG4bKPj8a61e3b7-5c0f-4d0e-9a55-8f1c2f
i: 0c7de2f1-5a33-42b9-bd0e-64d1f1f6e1aa
f: "Reception" <sip:100@example.com>;tag=Pj41d7c9f0-21a4-4d6c
t: "Reception" <sip:100@example.com>;tag=b27e1a1d33785863c2a0
CSeq: 31872 REGISTER
Date: Fri, 13 Nov 2026 09:41:07 GMT
m: <sip:100@10.0.4.17:5060;ob>;expires=299
Expires: 300
k: path, outbound
Path: <sip:198.51.100.10;lr;received=sip:203.0.113.80:61022>
Service-Route: <sip:orig@198.51.100.10;lr>
P-Associated-URI: <sip:100@example.com>, <tel:+49309876100>
Server: Asterisk PBX 20.9.2
l: 0

""",
    """SIP/2.0 486 Busy Here
Via: SIP/2.0/UDP 192.168.1.61:5062;received=203.0.113.61;branch=z9hG4bK2d4f3a9f01c;rport=5062
Record-Route: <sip:198.51.100.10;lr>
Record-Route: <sip:edge.example.com;lr>
From: "Anna Schmidt" <sip:anna@sip.example.com>;tag=a0c4f7d912
To: "Front Desk" <sip:102@sip.example.com>;tag=3912740177
Call-ID: 91c0aa5e@192.168.1.61
CSeq: 103 INVITE
User-Agent: Grandstream GXP2170 1.0.11.64
Supported: replaces, path, timer, eventlist
Reason: SIP;cause=486;text="Busy here"
Warning: 399 198.51.100.40 "the callee is on the phone"
Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE
Content-Length: 0

""",
]


def _wire(text: str) -> bytes:
    head, _, body = text.partition("\n\n")
    octets = body.replace("\n", "\r\n").encode()
    head = head.replace("\n", "\r\n").replace(": @", f": {len(octets)}")
    return head.encode() + b"\r\n\r\n" + octets


#: The twenty messages, as datagrams.
MESSAGES: list[bytes] = [_wire(text) for text in (*_GENERATOR, *_PHONES)]

_PLAIN = """MESSAGE sip:service@127.0.0.1:{there} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK-{run}-{number}-0
From: sipp <sip:sipp@127.0.0.1:{here}>;tag={run}SIPpTag{number}
To: service <sip:service@127.0.0.1:{there}>
Call-ID: {number}-{run}@127.0.0.1
CSeq: 1 MESSAGE
Contact: sip:sipp@127.0.0.1:{here}
Max-Forwards: 70
Subject: Performance Test
Content-Type: text/plain
Content-Length: @

The quick brown fox jumps over the lazy dog, and over the fence, and is gone.
"""

_OF_A_PHONE = """MESSAGE sip:bob@127.0.0.1:{there};transport=UDP SIP/2.0
v: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK-{run}-1---f0c2a{number};rport
Max-Forwards: 70
Record-Route: <sip:198.51.100.10;lr;ftag=2e5c{number}>
m: <sip:alice@203.0.113.9:49152;transport=UDP>
t: <sip:bob@example.org>
f: "Alice" <sip:alice@example.org>;tag=2e5c{number}
i: kJ2vQ8fRm0{run}.{number}
CSeq: 2 MESSAGE
Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE
k: replaces, norefersub, extended-refer, timer, outbound, path, X-cisco-serviceuri
c: text/plain;charset=utf-8
User-Agent: Z 5.6.1 v2.10.19.9
P-Asserted-Identity: "Alice" <sip:alice@example.org>
Privacy: none
Date: Fri, 13 Nov 2026 09:41:07 GMT
Allow-Events: presence, kpml, talk, as-feature-event
l: @

Are you coming to lunch? We meet at noon, downstairs, and go to the place at the corner.
"""

_TEMPLATES = [_wire(text).decode() for text in (_PLAIN, _OF_A_PHONE)]


def requests(count: int, run: int, here: int, there: int) -> Iterator[bytes]:
    """MESSAGE requests in both styles by turns, no two of one transaction.

    :param run: sets those of one run apart from those of the others.
    :param here: the port that they come from; ``there`` is the one that they go to.
    """
    pieces = [
        text.replace("{run}", str(run))
        .replace("{here}", str(here))
        .replace("{there}", str(there))
        .split("{number}")
        for text in _TEMPLATES
    ]
    for number in range(count):
        yield str(number).join(pieces[number % 2]).encode()
