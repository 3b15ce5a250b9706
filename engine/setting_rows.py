"""Which settings there are: each one's name, default, kind and meaning, as `.env.example` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine import setting_kinds as kinds

PREFIX = "EASEL_"


class SimulatorUse(StrEnum):
    """When `easel up` starts the built-in simulator."""

    AUTO = "auto"
    """While no real account is linked."""
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the name without prefix, the default as text, what it may be, and what it means."""

    name: str
    default: str
    kind: kinds.Kind
    doc: str

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return PREFIX + self.name


TABLE: tuple[Setting, ...] = (
    Setting("HOST", "127.0.0.1", kinds.HOST, "Address to listen on; 0.0.0.0 for every interface."),
    Setting("PORT", "8000", kinds.PORT, "Port to listen on."),
    Setting(
        "PUBLIC_URL",
        "",
        kinds.maybe(kinds.HTTP_URL),
        "How others reach Easel; picture links begin with it. Empty: from HOST and PORT.",
    ),
    Setting("DATA_DIR", "./data", kinds.FOLDER, "Folder for the database, pictures, keys and the simulator's state."),
    Setting(
        "DATABASE_URL",
        "",
        kinds.maybe(kinds.DATABASE),
        "Database, SQLite or PostgreSQL; empty: a SQLite file in DATA_DIR.",
    ),
    Setting(
        "SECRET_KEY",
        "",
        kinds.maybe(kinds.SEALING_KEY),
        "Key that encrypts account tokens at rest; empty: the one in SECRET_KEY_FILE.",
    ),
    Setting(
        "SECRET_KEY_FILE",
        "",
        kinds.maybe(kinds.FOLDER),
        "File with that key, made at the first start. Empty: DATA_DIR/secret.key.",
    ),
    Setting(
        "SIMULATOR",
        "auto",
        kinds.choice(*SimulatorUse),
        "Built-in Midjourney simulator; auto: while no real account is linked.",
    ),
    Setting(
        "SIMULATOR_PORT", "8100", kinds.whole(1, 65534), "Port of the simulator; its control API takes the next one."
    ),
    Setting(
        "SIMULATOR_SPEED", "4", kinds.number(0.01, 10_000), "How many times faster than Midjourney the simulator works."
    ),
    Setting("PACE_SECONDS", "3", kinds.number(0, 3600), "Least pause between two submissions of one account."),
    Setting(
        "CONCURRENCY",
        "3",
        kinds.whole(1, 50),
        "Jobs an account runs at a time, unless it was linked with its own number.",
    ),
    Setting(
        "DISCORD_API_URL",
        "https://discord.com/api/v9",
        kinds.HTTP_URL,
        "REST address for accounts that are linked from now on.",
    ),
    Setting(
        "DISCORD_GATEWAY_URL", "", kinds.maybe(kinds.SOCKET_URL), "Gateway address for them; empty: asked from the API."
    ),
    Setting(
        "ACTIVITY_URL",
        "https://{application_id}.discordsays.com",
        kinds.ACTIVITY_URL,
        "Where Midjourney's own pages inside Discord lie (Vary Region), for them; no token is sent there.",
    ),
    Setting(
        "UPSTREAM_HOSTS",
        "cdn.discordapp.com,media.discordapp.net",
        kinds.HOSTS,
        "Hosts whose pictures may be fetched, besides each account's own upstream.",
    ),
    Setting(
        "ALLOW_NETWORKS",
        "",
        kinds.maybe(kinds.NETWORKS),
        "Networks that addresses named by users may lie in although they are not public; empty: none.",
    ),
    Setting("IDENTIFY_PACE_SECONDS", "5", kinds.number(0, 3600), "Least pause between two new gateway sessions."),
    Setting("HELLO_TIMEOUT_SECONDS", "20", kinds.number(0.1, 600), "How long the gateway may take to say HELLO."),
    Setting(
        "READY_TIMEOUT_SECONDS", "60", kinds.number(0.1, 600), "How long it may take to answer IDENTIFY or RESUME."
    ),
    Setting(
        "RECONNECT_PAUSE_SECONDS",
        "1",
        kinds.number(0.01, 60),
        "First pause before a lost session connects again; it doubles up to a minute.",
    ),
    Setting(
        "CLIENT_PROPERTIES",
        "",
        kinds.maybe(kinds.PROPERTIES),
        "Client properties told to Discord, as JSON; empty: the built-in ones.",
    ),
    Setting("LEASE_SECONDS", "30", kinds.number(1, 3600), "How long a process holds an account without renewing it."),
    Setting(
        "POST_TIMEOUT_SECONDS",
        "5",
        kinds.number(0.1, 600),
        "How long a submission may take; less than a fifth of LEASE_SECONDS.",
    ),
    Setting("PICTURE_CONCURRENCY", "4", kinds.whole(1, 64), "Pictures copied at a time."),
    Setting(
        "REMIX_SWITCHING",
        "no",
        kinds.SWITCH,
        "Whether Remix may be turned on for an action with a new prompt, and back again after it.",
    ),
    Setting(
        "SYNC_WAIT_SECONDS",
        "110",
        kinds.number(0.1, 600),
        "How long UserAPI's seed, prefer, speed, imagine-instant and upload may wait before they answer.",
    ),
    Setting(
        "DISK_ALERT_GIB",
        "1",
        kinds.whole(0, 1_000_000),
        "The bot tells operators when less is free where pictures are kept; 0: never.",
    ),
    Setting("COPY_PICTURES", "yes", kinds.SWITCH, "Whether finished pictures are copied to DATA_DIR."),
    Setting(
        "RATES",
        "usual",
        kinds.RATES,
        "How often a key without rates of its own may call; usual: generate=10/s read=100/s.",
    ),
    Setting(
        "WRONG_KEYS", "10", kinds.whole(0, 100_000), "Wrong API keys an address may show in a minute; 0: any number."
    ),
    Setting("CORS_ORIGINS", "", kinds.maybe(kinds.ORIGINS), "Origins whose web pages may call the APIs; empty: none."),
    Setting(
        "TRUSTED_PROXIES",
        "",
        kinds.maybe(kinds.NETWORKS),
        "Networks of your reverse proxies, whose X-Forwarded-For is believed; empty: nobody's.",
    ),
    Setting(
        "LIMIT_QUEUED", "86400", kinds.SECONDS, "Seconds a job may wait in Easel's queue, when its caller set no limit."
    ),
    Setting(
        "LIMIT_FIRST_EVENT",
        "15",
        kinds.SECONDS,
        "Seconds from Discord's answer to the first event; then the job is looked up.",
    ),
    Setting("LIMIT_FIRST_MESSAGE", "60", kinds.SECONDS, "Seconds from the acknowledgement to a message of the job."),
    Setting("LIMIT_UPSTREAM_QUEUE", "1800", kinds.SECONDS, "Seconds a job may wait in Midjourney's own queue."),
    Setting(
        "LIMIT_QUEUE_FULL",
        "30",
        kinds.SECONDS,
        "Seconds until another try when Midjourney's queue is full and nothing of ours runs there.",
    ),
    Setting("LIMIT_UNKNOWN_ANSWER", "60", kinds.SECONDS, "Seconds a job may go on after words that are not known."),
    Setting("LIMIT_FACE_SWAP", "120", kinds.SECONDS, "Seconds until each command of a face swap is answered."),
    Setting("LIMIT_TURBO", "300", kinds.SECONDS, "Seconds a turbo job may run."),
    Setting("LIMIT_FAST", "600", kinds.SECONDS, "Seconds a fast job may run."),
    Setting("LIMIT_RELAX", "3600", kinds.SECONDS, "Seconds a relax job may run."),
    Setting(
        "LIMIT_FINAL_AFTER_DELETE", "5", kinds.SECONDS, "Seconds from the end of the progress message to the final one."
    ),
    Setting(
        "LIMIT_QUIET",
        "30",
        kinds.SECONDS,
        "Least silence of a running job, in seconds, after which its history is read.",
    ),
    Setting(
        "PREFILTER_WORDS",
        "default",
        kinds.choice("default", "none"),
        "What the prefilter of UserAPI's requests begins with in a new workspace: Easel's short list, or nothing.",
    ),
    Setting(
        "FACE_SWAP",
        "",
        kinds.maybe(kinds.choice("subjects-consented")),
        "Swapping faces through InsightFaceSwap's bot; the word says that whoever is shown agreed. Empty: off.",
    ),
    Setting("FLUX_API_URL", "https://api.bfl.ai", kinds.HTTP_URL, "Black Forest Labs' API, for Flux."),
    Setting("FLUX_API_KEY", "", kinds.maybe(kinds.SECRET), "Key for it; empty: there is no Flux."),
    Setting(
        "UPSCALER_URL", "", kinds.maybe(kinds.HTTP_URL), "Your own HTTP service that enlarges pictures (flux/upscale)."
    ),
    Setting("UPSCALER_KEY", "", kinds.maybe(kinds.SECRET), "Its Bearer key, if it wants one."),
    Setting("BACKGROUND_URL", "", kinds.maybe(kinds.HTTP_URL), "Your own HTTP service that removes backgrounds."),
    Setting(
        "BACKGROUND_MODEL",
        "",
        kinds.maybe(kinds.FOLDER),
        "Instead: an ONNX model file, for removing them on this machine with rembg (requirements/background.txt).",
    ),
    Setting("BACKGROUND_KEY", "", kinds.maybe(kinds.SECRET), "Its Bearer key, if it wants one."),
    Setting(
        "EXTENDER_URL",
        "",
        kinds.maybe(kinds.HTTP_URL),
        "OpenAI-compatible address for prompt-extend, such as https://api.openai.com/v1.",
    ),
    Setting("EXTENDER_KEY", "", kinds.maybe(kinds.SECRET), "Its Bearer key, if it wants one."),
    Setting("EXTENDER_MODEL", "gpt-4o-mini", kinds.WORDS, "The model that is asked there."),
    Setting("DISCORD_BOT_TOKEN", "", kinds.maybe(kinds.SECRET), "Token of your bot; empty: the simulator's, or none."),
    Setting("BOT", "yes", kinds.SWITCH, "Whether easel up runs the bot; no where easel bot does."),
    Setting(
        "BOT_API_URL", "", kinds.maybe(kinds.HTTP_URL), "The bot's REST address, on this machine; empty: Discord's."
    ),
    Setting("BOT_GATEWAY_URL", "", kinds.maybe(kinds.SOCKET_URL), "Its gateway address; empty: Discord's."),
    Setting("BOT_CDN_URL", "", kinds.maybe(kinds.HTTP_URL), "Where it finds avatars and icons; empty: Discord's."),
    Setting("LOG_LEVEL", "INFO", kinds.LOG_LEVEL, "How much is logged."),
)
