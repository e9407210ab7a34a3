//! Who gets in: two factors, a lock after five wrong attempts, sessions that end, forms of this host only.

use onevisit::app::log::{self, Round};
use onevisit::domain::account::{Attempts, FAILS_MAX, LOCK_US};
use onevisit::domain::caller::Role;
use onevisit::domain::totp;

use crate::harness::client::Service;
use crate::harness::dump::{self, Haystack};
use crate::harness::person::{Account, PASSWORD, Person, unbase32};
use crate::harness::process::{said, storage};
use crate::harness::{Engine, Hands, NOW_US, TestDb, on_every_engine};

on_every_engine! {
    two_factors_let_somebody_in,
    five_wrong_attempts_lock_an_account,
    a_session_ends,
    a_form_of_another_page_does_nothing,
    an_office_makes_and_changes_accounts,
    the_first_account_is_made_by_hand,
}

async fn start(engine: Engine) -> (Service, Hands, Account) {
    let hands = Hands::at(NOW_US);
    let service = Service::start_by(engine, &hands).await;
    let account = Account::new(&service.app, "office-01", Role::Office, "领导小组办公室").await;
    (service, hands, account)
}

/// Signs in at a time at which no code was used yet.
pub async fn person(service: &Service, hands: &Hands, account: &Account) -> Person {
    hands.forward(1);
    let mut person = Person::new(&service.address);
    let answer = person.sign_in(&account.name, PASSWORD, &account.code(&service.app)).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/office"), "{}", answer.text);
    person
}

/// RFC 6238, appendix B, of SHA-256: the last six of the eight digits.
#[test]
fn codes_are_those_of_the_standard() {
    let secret = b"12345678901234567890123456789012";
    let known = [(59, "119246"), (1_111_111_109, "084774"), (1_234_567_890, "819424")];
    for (second, code) in known {
        assert_eq!(totp::code(secret, second * 1_000_000), code, "at {second}");
    }
    let now_us = 1_234_567_890 * 1_000_000;
    let step = totp::accepted(secret, "819 424", now_us, 0).expect("now");
    assert_eq!(totp::accepted(secret, "819424", now_us, step), None, "used once");
    assert_eq!(
        totp::accepted(secret, "819424", now_us + 30_000_000, 0),
        Some(step),
        "a slow clock"
    );
    assert_eq!(totp::accepted(secret, "819424", now_us + 90_000_000, 0), None, "too old");
    assert_eq!(totp::accepted(secret, "81942", now_us, 0), None);
    assert_eq!(totp::base32(b"foobar"), "MZXW6YTBOI");
    assert_eq!(unbase32(&totp::base32(secret)), secret);
}

#[test]
fn attempts_lock_and_unlock() {
    let mut attempts = Attempts::default();
    for n in 1..=FAILS_MAX {
        attempts = attempts.begin(100).expect("not locked");
        assert_eq!(attempts.fails, n);
    }
    assert_eq!(attempts.locked_until_us, 100 + LOCK_US);
    assert_eq!(attempts.begin(99 + LOCK_US), None);
    let after = attempts.begin(100 + LOCK_US).expect("the lock is over");
    assert_eq!((after.fails, after.locked_until_us), (1, 0));
}

async fn two_factors_let_somebody_in(engine: Engine) {
    let (service, hands, account) = start(engine).await;
    let mut person = Person::new(&service.address);
    let asked = person.get("/office/campaigns").await;
    let to = "/office/sign-in?next=%2Foffice%2Fcampaigns";
    assert_eq!((asked.status, asked.header("location")), (303, to));
    let code = account.code(&service.app);
    for (name, password, code) in [
        ("office-01", PASSWORD, "000000"),
        ("office-01", "wrong-horse-battery", &*code),
        ("nobody", PASSWORD, &*code),
    ] {
        let answer = person.sign_in(name, password, code).await;
        assert_eq!((answer.status, person.cookie.as_str()), (401, ""), "{name} {password}");
        assert!(!answer.text.contains(password) && answer.text.contains("role=\"alert\""));
    }
    let answer = person.sign_in("office-01", PASSWORD, &code).await;
    assert_eq!(answer.status, 303);
    let cookie = answer.header("set-cookie");
    for part in ["__Host-onevisit=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = person.get("/office").await;
    assert!(page.status == 200 && page.text.contains("office-01"));
    assert_eq!(page.header("cache-control"), "no-store");
    let mut other = Person::new(&service.address);
    assert_eq!(
        other.sign_in("office-01", PASSWORD, &code).await.status,
        401,
        "a code is used once"
    );
    hands.forward(1);
    let again = other.sign_in("office-01", PASSWORD, &account.code(&service.app)).await;
    assert!(again.status == 303 && other.cookie != person.cookie, "another session, another id");
    let mark = page.hidden("mark");
    let kept = person.clone();
    let out = person.post("/office/sign-out", &[("mark", &mark)]).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(kept.get("/office").await.status, 303);
    assert_eq!(other.get("/office").await.status, 200, "the other session goes on");
}

async fn five_wrong_attempts_lock_an_account(engine: Engine) {
    let (service, hands, account) = start(engine).await;
    let mut person = Person::new(&service.address);
    for _ in 0..5 {
        assert_eq!(person.sign_in("office-01", "wrong-horse-battery", "000000").await.status, 401);
    }
    let code = || account.code(&service.app);
    assert_eq!(person.sign_in("office-01", PASSWORD, &code()).await.status, 401, "locked");
    hands.forward(14);
    assert_eq!(person.sign_in("office-01", PASSWORD, &code()).await.status, 401, "locked still");
    hands.forward(1);
    assert_eq!(person.sign_in("office-01", PASSWORD, &code()).await.status, 303);
    // A good attempt begins anew.
    for _ in 0..4 {
        person.sign_in("office-01", "wrong-horse-battery", "000000").await;
    }
    hands.forward(1);
    assert_eq!(person.sign_in("office-01", PASSWORD, &code()).await.status, 303);
    let page = person.get("/office/accounts").await;
    assert_eq!(page.text.matches("已锁定").count(), 1, "the attempts are shown");
}

async fn a_session_ends(engine: Engine) {
    let (service, hands, account) = start(engine).await;
    let idle = person(&service, &hands, &account).await;
    hands.forward(14);
    assert_eq!(idle.get("/office").await.status, 200);
    hands.forward(14);
    assert_eq!(idle.get("/office").await.status, 200, "it was used meanwhile");
    hands.forward(15);
    assert_eq!(idle.get("/office").await.status, 303, "idle for 15 minutes");
    let busy = person(&service, &hands, &account).await;
    for _ in 0..47 {
        hands.forward(10);
        assert_eq!(busy.get("/office").await.status, 200);
    }
    hands.forward(10);
    assert_eq!(busy.get("/office").await.status, 303, "8 hours are over");
}

async fn a_form_of_another_page_does_nothing(engine: Engine) {
    let (service, hands, account) = start(engine).await;
    let mut person = person(&service, &hands, &account).await;
    let page = person.get("/office/departments").await;
    let mark = page.hidden("mark");
    let place =
        [("request_id", "r1"), ("code", "990001"), ("place_name", "测试区"), ("level", "COUNTY")];
    let with = |mark| [&place[..], &[("mark", mark)]].concat();
    let refused = person.post("/office/places", &place).await;
    assert_eq!(refused.status, 403, "without the session's mark");
    assert_eq!(person.post("/office/places", &with("00")).await.status, 403, "another's mark");
    let own = person.origin.clone();
    for origin in [Some("https://evil.example"), Some("null"), None] {
        person.origin = origin.map(str::to_owned);
        assert_eq!(person.post("/office/places", &with(&mark)).await.status, 403, "{origin:?}");
    }
    let strange = Person::new(&service.address).sign_in("office-01", PASSWORD, "1").await.status;
    assert_eq!(strange, 401);
    let mut stranger = Person::new(&service.address);
    stranger.origin = Some("https://evil.example".to_owned());
    assert_eq!(
        stranger.sign_in("office-01", PASSWORD, "1").await.status,
        403,
        "signing in as well"
    );
    person.origin = own;
    assert_eq!(person.get("/office/places").await.status, 405, "nothing changes by GET");
    assert_eq!(person.post("/office/places", &with(&mark)).await.status, 303);
    let found = person.get("/office/departments").await;
    assert!(found.text.contains("990001"));
}

async fn an_office_makes_and_changes_accounts(engine: Engine) {
    let (service, hands, office) = start(engine).await;
    service.district(&["fire"]).await;
    let mut boss = person(&service, &hands, &office).await;
    let mark = boss.get("/office/accounts").await.hidden("mark");
    let first = "first-password-of-fire";
    let fields = |id, name, department| {
        let of = [("role", "DEPARTMENT"), ("department", department), ("office", "")];
        let new = [("mark", &*mark), ("request_id", id), ("name", name), ("password", first)];
        [&new[..], &of[..]].concat()
    };
    let bad = boss.post("/office/accounts", &fields("a0", "Fire 01", "nowhere")).await;
    assert!(bad.status == 400 && bad.text.contains("Fire 01"), "what was filled in stays");
    let made = boss.post("/office/accounts", &fields("a1", "fire-01", "fire")).await;
    assert_eq!(made.status, 200);
    let cut = |page: &str| {
        let (_, rest) = page.split_once("密钥</dt><dd><code>").expect("the secret");
        rest.split('<').next().unwrap_or_default().to_owned()
    };
    let again = boss.post("/office/accounts", &fields("a1", "fire-01", "fire")).await;
    assert_eq!(cut(&made.text), cut(&again.text), "a repeated form makes no second account");
    assert_eq!(boss.post("/office/accounts", &fields("a2", "fire-01", "fire")).await.status, 409);
    let secret = unbase32(&cut(&made.text));
    let mut fire = Person::new(&service.address);
    let code = || totp::code(&secret, service.app.clock.now_us());
    assert_eq!(fire.sign_in("fire-01", first, &code()).await.status, 303);
    let refused = fire.get("/office/accounts").await;
    assert!(!refused.text.contains("office-01"), "others' accounts are for offices and auditors");
    let mark_of = refused.hidden("mark");
    let fields = [("mark", &*mark_of), ("request_id", "x"), ("name", "x"), ("password", PASSWORD)];
    let role = [("role", "OFFICE"), ("office", "自封办公室")];
    let refused = fire.post("/office/accounts", &[&fields[..], &role[..]].concat()).await;
    assert_eq!(refused.status, 403, "the same check as over the contract");
    let passwords = [("old_password", first), ("password", "another-password-of-fire")];
    let fields = [("mark", &*mark_of), ("request_id", "p1")];
    let changed =
        fire.post("/office/accounts/password", &[&fields[..], &passwords[..]].concat()).await;
    assert_eq!((changed.status, fire.get("/office").await.status), (303, 303), "signs in again");
    hands.forward(1);
    assert_eq!(fire.sign_in("fire-01", "another-password-of-fire", &code()).await.status, 303);
    let page = boss.get("/office/accounts").await;
    let (_, of) = page.text.split_once("<option value=\"acc-").expect("somebody else");
    let of = format!("acc-{}", of.split('"').next().unwrap_or_default());
    let fields = [("mark", &*mark), ("request_id", "d1"), ("of", &*of), ("deed", "disable")];
    assert_eq!(boss.post("/office/accounts/change", &fields).await.status, 303);
    assert_eq!(fire.get("/office").await.status, 303, "its session has ended");
    hands.forward(1);
    assert_eq!(fire.sign_in("fire-01", "another-password-of-fire", &code()).await.status, 401);
    while log::round_now(&service.app).await.expect("round") != Round::Idle {}
    let all = dump::tables(&service.app.db, |_| true).await;
    for word in [first, PASSWORD, &*cut(&made.text)] {
        assert_eq!(Haystack::new(all.as_bytes()).find(word), None, "{word} is at rest");
    }
    let log = dump::tables(&service.app.db, |t| t == "events").await;
    assert_eq!(Haystack::new(log.as_bytes()).find("fire-01"), None, "the log has no names");
    let kinds = ["account.create", "account.password", "account.disable"];
    for kind in kinds {
        assert!(all.contains(kind) || all.contains(&hex::encode(kind)), "{kind} is an event");
    }
}

async fn the_first_account_is_made_by_hand(engine: Engine) {
    let db = TestDb::new(engine).await;
    let key = db.folder.path().join("key");
    let made = tokio::task::block_in_place(|| {
        let args =
            [&["account", "add", "office-01", "office", "领导小组办公室"][..], &storage(&db, &key)];
        let args = args.concat();
        let piped = std::process::Stdio::piped;
        let command = || std::process::Command::new(crate::harness::process::binary());
        // Without a first line there is no password, and no account.
        let nothing = command().args(&args).stdin(std::process::Stdio::null()).output();
        assert!(!nothing.expect("binary").status.success());
        let mut child =
            command().args(&args).stdin(piped()).stdout(piped()).spawn().expect("binary");
        let mut stdin = child.stdin.take().expect("stdin");
        std::io::Write::write_all(&mut stdin, format!("{PASSWORD}\n").as_bytes()).expect("written");
        drop(stdin);
        crate::harness::process::ended("account add", child)
    });
    let text = said(&made);
    assert!(made.status.success() && text.contains("otpauth://totp/onevisit:office-01?"), "{text}");
    assert!(!text.contains(PASSWORD));
}
