"""The forms of signing in and of one's own account."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from storage.people.people import People
from webapp.ground.access import me
from webapp.ground.forms import Form
from webapp.ground.system import reading
from webapp.people.accounts.passwords import LONGEST, SHORTEST
from webapp.people.accounts.strength import Weakness, weakness_of

_WEAK: dict[Weakness, Any] = {
    "digits": _l("Mật khẩu mới chỉ gồm chữ số, như số điện thoại hay ngày sinh, nên dễ bị đoán. Hãy dùng vài từ ghép lại."),
    "own_words": _l(
        "Mật khẩu mới gần như chỉ gồm tên, tên đơn vị hoặc từ mà nhiều người hay dùng nên dễ bị đoán. Hãy dùng vài từ khác ghép lại."
    ),
    "leaked": _l("Mật khẩu mới có trong danh sách mật khẩu đã bị lộ mà kẻ xấu thử trước tiên. Hãy dùng vài từ khác ghép lại."),
    "keyboard": _l("Mật khẩu mới gần như chỉ gồm các phím liền nhau nên dễ bị đoán. Hãy dùng vài từ ghép lại."),
    "pattern": _l("Mật khẩu mới đơn giản nên dễ bị đoán. Hãy ghép thêm vài từ không liên quan với nhau."),
}


class SignInForm(Form):
    """Login and password."""

    login = StringField(
        _l("Tên đăng nhập"),
        [InputRequired(_l("Hãy nhập tên đăng nhập.")), Length(max=120, message=_l("Tên đăng nhập dài quá 120 ký tự."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mật khẩu"),
        [InputRequired(_l("Hãy nhập mật khẩu.")), Length(max=LONGEST, message=_l("Mật khẩu dài quá 200 ký tự."))],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(Form):
    """The code after the password."""

    code = StringField(
        _l("Mã"),
        [InputRequired(_l("Hãy nhập mã.")), Length(max=60, message=_l("Mã dài quá 60 ký tự."))],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )


class OldPasswordForm(Form):
    """The password once more, before what would lock its owner out."""

    old = PasswordField(
        _l("Mật khẩu đang dùng"),
        [InputRequired(_l("Hãy nhập mật khẩu đang dùng.")), Length(max=LONGEST, message=_l("Mật khẩu dài quá 200 ký tự."))],
        render_kw={"autocomplete": "current-password"},
    )


class PasskeyForm(OldPasswordForm):
    """What a passkey is called, for whoever knows the password."""

    name = StringField(
        _l("Tên passkey"), [InputRequired(_l("Hãy đặt tên.")), Length(max=60, message=_l("Tên dài quá 60 ký tự."))]
    )


class PasswordForm(OldPasswordForm):
    """A new password, for whoever knows the old one."""

    new = PasswordField(
        _l("Mật khẩu mới"),
        [
            InputRequired(_l("Hãy nhập mật khẩu mới.")),
            Length(min=SHORTEST, message=_l("Mật khẩu mới ngắn quá. Hãy dùng ít nhất 10 ký tự, ví dụ vài từ ghép lại.")),
            Length(max=LONGEST, message=_l("Mật khẩu dài quá 200 ký tự.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Nhập lại mật khẩu mới"),
        [
            InputRequired(_l("Hãy nhập lại mật khẩu mới.")),
            EqualTo("new", _l("Hai lần nhập mật khẩu mới không giống nhau. Hãy nhập lại cả hai.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_new(self, field: PasswordField) -> None:
        """Neither the login nor the old password, nor what is easily guessed."""
        if field.data.strip().lower() in (me().login, me().login.partition("@")[0]):
            raise ValidationError(_l("Mật khẩu mới trùng với tên đăng nhập nên dễ bị đoán. Hãy chọn mật khẩu khác."))
        if field.data == self.old.data:
            raise ValidationError(_l("Mật khẩu mới trùng với mật khẩu đang dùng. Hãy chọn mật khẩu khác."))
        with reading() as records:
            units = [seat.unit.name for seat in People(records).get(me().id).seats]
        if weakness := weakness_of(field.data, (me().login, me().name, *units)):
            raise ValidationError(_WEAK[weakness])
