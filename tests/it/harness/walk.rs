//! A person at a browser who looks at every page as a careful user would: nothing broken, nothing hidden
//! from those who cannot see, nothing that the pages' policy forbids, no word missing.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::Hands;
use super::browser::Browser;
use super::person::{Account, PASSWORD};
use onevisit::app::App;

/// What keys of words begin with.
const GROUPS: &str =
    "menu|figure|rule|reason|campaign|ceremony|visit|result|objection|plan|item|role|raise";
/// Most bytes of a page.
const PAGE_BYTES_MAX: usize = 200_000;

/// The accessibility checker that `tests/run` installs.
fn axe() -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".tools/axe/axe.min.js");
    fs::read_to_string(file).expect("axe-core, which tests/run installs")
}

pub struct Walk {
    pub browser: Browser,
    address: String,
    axe: String,
}

impl Walk {
    pub fn new(address: &str) -> Self {
        Self { browser: Browser::start(), address: address.to_owned(), axe: axe() }
    }

    /// Signs in with a code that was not used yet.
    pub fn sign_in(&self, app: &App, hands: &Hands, account: &Account) {
        if self.browser.read("!!document.querySelector('form[action=\"/office/sign-out\"]')")
            == true
        {
            self.browser.press("form[action='/office/sign-out'] button");
        }
        hands.forward(1);
        self.open("/office/sign-in");
        self.browser.fill("input[name=name]", &account.name);
        self.browser.fill("input[name=password]", PASSWORD);
        self.browser.fill("input[name=code]", &account.code(app));
        self.browser.press("form.box button");
        let here = self.browser.read("location.pathname");
        assert_eq!(here, "/office", "{}", self.text());
    }

    /// Opens a page and looks at it.
    pub fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.address));
        self.look();
    }

    /// What the page says.
    pub fn text(&self) -> String {
        let text = self
            .browser
            .read("document.getElementById('main')?.innerText ?? document.body.innerText");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Looks at the page that is there.
    pub fn look(&self) {
        let here = self.browser.read("location.pathname + location.search");
        let bytes = self.browser.read("document.documentElement.outerHTML.length");
        let bytes = usize::try_from(bytes.as_u64().expect("a number")).expect("short");
        assert!(bytes < PAGE_BYTES_MAX, "{here} has {bytes} bytes");
        let keys = format!("(document.body.innerText.match(/\\b({GROUPS})\\.[a-zA-Z_.]+/g) ?? [])");
        // The ledger's entries are named by such keys.
        if here != "/office/ledger" {
            assert_eq!(self.browser.read(&keys), json!([]), "{here} lacks words");
        }
        let script = format!(
            "{}; axe.run(document).then((found) => done(found.violations.map(
               (v) => `${{v.id}}: ${{v.help}}: ${{v.nodes.map((n) => n.html).slice(0, 3).join(' | ')}}`)));",
            self.axe
        );
        let found = self.browser.run(&script, &Value::Null);
        assert_eq!(found, json!([]), "{here}: {found:#}");
        self.calm(&here.to_string());
    }

    /// Nothing broke the page's policy.
    pub fn calm(&self, here: &str) {
        let said: Vec<String> = self.browser.said();
        let broken = |line: &&String| !line.contains("status of 4");
        let broken: Vec<&String> = said.iter().filter(broken).collect();
        assert!(broken.is_empty(), "{here}: {broken:#?}");
    }

    /// Opens a page for what it does, not for how it looks.
    pub fn glance(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.address));
        self.calm(path);
    }

    /// Sends the form with this action.
    pub fn send(&self, action: &str) {
        self.browser.press(&format!("form[action='{action}'] button"));
        self.look();
    }

    /// Sends the form with this action; the next page says that it is done.
    pub fn send_done(&self, action: &str) {
        self.send(action);
        let said = self.browser.read("!!document.querySelector('.notice.good')");
        assert_eq!(said, true, "{action}: {}", self.text());
    }

    /// Waits until something on the page is true.
    pub fn until(&self, expression: &str) {
        let script = format!(
            "const look = () => ({expression}) ? done(true) : requestAnimationFrame(look); look();"
        );
        self.browser.run(&script, &Value::Null);
    }

    /// Pictures of the page, beside the build: wide, narrow, dark.
    pub fn pictures(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
        fs::create_dir_all(&folder).expect("folder");
        for (kind, width, dark) in
            [("wide", 1280, false), ("phone", 390, false), ("dark", 1280, true)]
        {
            let picture = self.browser.picture(width, dark);
            fs::write(folder.join(format!("{name}-{kind}.png")), picture).expect("written");
        }
    }
}
