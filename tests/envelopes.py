"""edXML envelopes for tests, as a sender writes them."""

from base64 import b64encode
from xml.sax.saxutils import escape


def envelope(
    *, number: str = "12", notation: str = "KH-LĐLĐ", date: str = "2025/02/05", subject: str = "Kế hoạch chuyển đổi số",
    business: int | str = 0, paper: int | str = 0, targets: tuple[str, ...] = (), attached: dict[str, bytes] | None = None,
    prefix: str = "edXML:", spelling: str = "Bussiness", type_name: str = "Kế hoạch", sent_at: str = "2025/02/05 14:30:00",
) -> bytes:  # fmt: skip
    """One envelope as bytes."""
    p = prefix
    replaced = "".join(f"<{p}ReplacementInfo><{p}DocumentId>{one}</{p}DocumentId></{p}ReplacementInfo>" for one in targets)
    named = (
        f"<{p}ReplacementInfoList>{replaced}</{p}ReplacementInfoList>"
        if business == 3
        else "".join(f"<{p}DocumentId>{one}</{p}DocumentId>" for one in targets[:1])
    )
    files = "".join(
        "<Attachment><ContentType>application/pdf</ContentType>"
        f"<ContentTransferEncoded>{b64encode(content).decode()}</ContentTransferEncoded>"
        f"<AttachmentName>{escape(name)}</AttachmentName></Attachment>"
        for name, content in (attached or {}).items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{p}edXML xmlns:{p.rstrip(":") or "none"}="http://www.mic.gov.vn/TBT/QCVN_102_2016">
 <{p}edXMLEnvelope>
  <{p}edXMLHeader>
   <{p}MessageHeader>
    <{p}From><{p}OrganId>000.00.01.H08</{p}OrganId><{p}OrganName>Liên đoàn Lao động tỉnh</{p}OrganName></{p}From>
    <{p}To><{p}OrganId>000.00.02.H08</{p}OrganId><{p}OrganName>LĐLĐ huyện Phù Cát</{p}OrganName></{p}To>
    <{p}ResponseFor><{p}Code><{p}CodeNumber>999</{p}CodeNumber></{p}Code></{p}ResponseFor>
    <{p}Code><{p}CodeNumber>{number}</{p}CodeNumber><{p}CodeNotation>{notation}</{p}CodeNotation></{p}Code>
    <{p}PromulgationInfo><{p}Place>Quy Nhơn</{p}Place><{p}PromulgationDate>{date}</{p}PromulgationDate></{p}PromulgationInfo>
    <{p}DocumentType><{p}Type>10</{p}Type><{p}TypeName>{type_name}</{p}TypeName></{p}DocumentType>
    <{p}Subject>{escape(subject)}</{p}Subject>
    <{p}SignerInfo><{p}Competence>TM. BAN THƯỜNG VỤ</{p}Competence><{p}Position>Chủ tịch</{p}Position>
     <{p}FullName>Nguyễn Văn A</{p}FullName></{p}SignerInfo>
    <{p}ToPlaces><{p}Place>Lưu: VT</{p}Place></{p}ToPlaces>
    <{p}DocumentId>000.00.01.H08,{date},{number}/{notation}</{p}DocumentId>
   </{p}MessageHeader>
   <{p}TraceHeaderList>
    <{p}TraceHeader><{p}OrganId>000.00.01.H08</{p}OrganId><{p}Timestamp>{sent_at}</{p}Timestamp></{p}TraceHeader>
    <{p}{spelling}><{p}{spelling}DocType>{business}</{p}{spelling}DocType>
     <{p}{spelling}DocReason>theo yêu cầu</{p}{spelling}DocReason>{named}<{p}Paper>{paper}</{p}Paper></{p}{spelling}>
   </{p}TraceHeaderList>
  </{p}edXMLHeader>
 </{p}edXMLEnvelope>
 <AttachmentEncoded>{files}</AttachmentEncoded>
</{p}edXML>
""".encode()
