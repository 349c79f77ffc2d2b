"""The forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from webapp.ground.access import me
from webapp.ground.forms import Form
from webapp.people.accounts.passwords import LONGEST, SHORTEST


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


class PasswordForm(Form):
    """A new password, for whoever knows the old one."""

    old = PasswordField(
        _l("Mật khẩu đang dùng"),
        [InputRequired(_l("Hãy nhập mật khẩu đang dùng.")), Length(max=LONGEST, message=_l("Mật khẩu dài quá 200 ký tự."))],
        render_kw={"autocomplete": "current-password"},
    )
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
        """Neither the login nor the old password."""
        if field.data.strip().lower() in (me().login, me().login.partition("@")[0]):
            raise ValidationError(_l("Mật khẩu mới trùng với tên đăng nhập nên dễ bị đoán. Hãy chọn mật khẩu khác."))
        if field.data == self.old.data:
            raise ValidationError(_l("Mật khẩu mới trùng với mật khẩu đang dùng. Hãy chọn mật khẩu khác."))
