"""The way a tutorial writes it: Flask, gunicorn, SQLAlchemy, a commit a message, the reply sent inline.

gunicorn --workers 4 --preload 'bench.peers.tutorial:create()'. It hears keywords only, and asks nobody.
"""

import os

from flask import Flask, request
from sqlalchemy import String, UniqueConstraint, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from vonage import Auth, HttpClientOptions, Vonage
from vonage_sms import SmsMessage

from smsgate.signatures import sign_fields


class Base(DeclarativeBase):
    """The tables."""


class Person(Base):
    """Whoever wrote."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)


class Text(Base):
    """What they wrote."""

    __tablename__ = "text"
    __table_args__ = (UniqueConstraint("message"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(1600))


def create() -> Flask:
    """The application; it reads the environment that smsgate reads."""
    engine = create_engine(os.environ["SMSGATE_DATABASE_URL"])
    Base.metadata.create_all(engine)
    engine.dispose()  # before gunicorn forks: each worker connects by itself
    session_of = sessionmaker(engine)
    secret = os.environ["SMSGATE_VONAGE_SIGNATURE_SECRET"]
    host = os.environ["SMSGATE_VONAGE_REST_HOST"]
    keys = Auth(api_key="abcd1234", api_secret="abcdef0123456789")
    vonage = Vonage(keys, HttpClientOptions(rest_host=host, api_host=host))
    app = Flask(__name__)

    def keep(session: Session, fields: dict[str, str]) -> None:
        if session.scalar(select(Person).where(Person.number == fields["msisdn"])) is None:
            session.add(Person(number=fields["msisdn"]))
        session.add(Text(message=fields["messageId"], number=fields["msisdn"], words=fields["text"]))
        session.commit()

    @app.post("/webhooks/inbound")
    def inbound() -> tuple[str, int]:
        fields = request.form.to_dict()
        if sign_fields(fields, secret, "md5hash") != fields.get("sig"):
            return "not signed", 401
        try:
            with session_of() as session:
                keep(session, fields)
        except IntegrityError:
            return "", 200
        reply = "Nous cherchons quelqu'un." if fields["text"].startswith(("AIDE", "HULP")) else "Bonjour."
        if os.environ.get("TUTORIAL_REPLIES", "1") == "1":
            vonage.sms.send(SmsMessage(to=fields["msisdn"], from_=fields["to"], text=reply))
        return "", 200

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app
