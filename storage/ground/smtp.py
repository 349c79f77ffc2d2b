"""Sending the outbox through a mail server: the only place that speaks SMTP. Nothing here decides what is said to whom."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from domain.ground.files import HEAD_BYTES, media_type_of
from domain.ground.mail import MailProblem
from storage.ground.database import Database
from storage.ground.mail import Mail, Outbox
from storage.ground.objects import NotWhole, StoreUnavailable
from storage.ground.settings import Settings
from storage.ground.stores import objects_of

NoteSent = Callable[[Session, Mail], None]

TIMEOUT_S = 20
ATTACHED_UP_TO = 5 << 20  # bytes of a file that travels with a mail; a larger one is read here, or asked for
_PERMANENT = 500  # answers from here on will not change


def send_due(database: Database, settings: Settings, note_sent: NoteSent) -> int:
    """Send every mail that is due, one after the other over one connection; returns how many the server has taken.

    `note_sent` is told of each in the transaction that notes it, by what it carries: a document that was sent is evidence.

    Nothing is sent where no mail server is set. May be called at any time by any number of programs, and killed at any moment.
    """
    with database.reading() as session:
        if not settings.smtp_url or not Outbox(session).has_due():
            return 0
    with database.writing() as session:
        Outbox(session).give_up_useless()
    problem: MailProblem
    try:
        with _connection(settings.smtp_url) as server:
            return _send_all(database, settings, server, note_sent)
    except smtplib.SMTPAuthenticationError as error:
        problem, answer = "sign_in_refused", str(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        problem, answer = "server_away", str(error)
    with database.writing() as session:
        Outbox(session).postpone_due(problem, answer)
    return 0


def _send_all(database: Database, settings: Settings, server: smtplib.SMTP, note_sent: NoteSent) -> int:
    sent = 0
    while True:
        with database.writing() as session:
            mail = Outbox(session).claim()
            session.flush()
            session.expunge_all()
        if mail is None:
            return sent
        try:
            message = message_of(mail, settings.mail_from)
            _attach(message, mail, settings)
            server.send_message(message, settings.mail_from, [mail.recipient])
        except (StoreUnavailable, smtplib.SMTPServerDisconnected, OSError, smtplib.SMTPException, ValueError) as error:
            _note_problem(database, mail.id, error)
            if isinstance(error, smtplib.SMTPServerDisconnected) or not _still_answers(server):
                return sent
        else:
            with database.writing() as session:
                Outbox(session).note_sent(mail.id)
                note_sent(session, mail)
            sent += 1


def _note_problem(database: Database, mail_id: int, error: Exception) -> None:
    problem, code, answer = _read(error)
    with database.writing() as session:
        Outbox(session).note_problem(mail_id, problem, answer, is_final=code >= _PERMANENT)


def _read(error: Exception) -> tuple[MailProblem, int, str]:
    """What went wrong: our word for it, the server's code (0: none), the server's words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return "recipient_refused", code, _text(said)
    if isinstance(error, smtplib.SMTPResponseException):
        return "refused", error.smtp_code, _text(error.smtp_error)
    if isinstance(error, ValueError):
        return "refused", _PERMANENT, str(error)
    return "connection_lost", 0, str(error)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _still_answers(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] < 400
    except (OSError, smtplib.SMTPException):
        return False


def _attach(message: EmailMessage, mail: Mail, settings: Settings) -> None:
    """Put the file of the mail into it, unless it is too large to travel or not whole; raises StoreUnavailable, and it is tried again."""
    if mail.attachment_sha256 is None:
        return
    try:
        with objects_of(settings).open(mail.attachment_sha256) as stream:
            content = stream.read(ATTACHED_UP_TO + 1)
    except NotWhole:
        return
    if len(content) <= ATTACHED_UP_TO:
        media_type = media_type_of(content[:HEAD_BYTES]) or "application/octet-stream"
        kind, _slash, subtype = media_type.partition("/")
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=mail.attachment_name)


@contextmanager
def _connection(url: str) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server; a password never travels in clear."""
    parts = urlsplit(url)
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(
            parts.hostname or "", parts.port or 465, timeout=TIMEOUT_S, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(parts.hostname or "", parts.port or 25, timeout=TIMEOUT_S)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif parts.scheme == "smtp" and parts.username:
            raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS, so the password is not sent")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def message_of(mail: Mail, mail_from: str) -> EmailMessage:
    """The mail as it travels. A calendar stands beside the text, for programs that show an invitation, and in a file."""
    message = EmailMessage()
    message["From"] = formataddr((mail.sender, mail_from))
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "vi"
    message.set_content(mail.text)
    for number, calendar in enumerate(mail.calendars):
        if number == 0:
            message.add_alternative(calendar["text"], subtype="calendar", params={"method": calendar["method"]})
        name = "giay-moi.ics" if len(mail.calendars) == 1 else f"giay-moi-phien-{number + 1}.ics"
        message.add_attachment(calendar["text"], subtype="calendar", filename=name, params={"method": calendar["method"]})
    return message
