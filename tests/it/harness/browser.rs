//! A real browser, driven by the WebDriver protocol (W3C).

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Longest that one command of the browser may take.
const WAIT_MAX: Duration = Duration::from_secs(300);
/// Name of an element's id in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// What keeps Chromium from looking for a network, a screen or a sandbox.
const ARGUMENTS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

pub struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    _profile: TempDir,
    /// Kept open: chromedriver goes on writing.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    pub fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver, which tests/run installs");
        let mut said = BufReader::new(driver.stdout.take().expect("stdout")).lines();
        let port = said
            .by_ref()
            .map(|line| line.expect("a line"))
            .find_map(|line| Some(line.split("successfully on port ").nth(1)?.replace('.', "")))
            .expect("chromedriver says its port");
        let profile = TempDir::new().expect("folder");
        let folder = format!("--user-data-dir={}", profile.path().display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([folder.as_str()]).collect();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(WAIT_MAX))
            .http_status_as_error(false);
        let mut browser = Self {
            driver,
            agent: config.build().new_agent(),
            session: format!("http://127.0.0.1:{port}/session"),
            _profile: profile,
            _said: said,
        };
        let options = json!({ "goog:chromeOptions": { "args": arguments } });
        let session = browser.post("", json!({ "capabilities": { "alwaysMatch": options } }));
        browser.session += "/";
        browser.session += session["sessionId"].as_str().expect("a session");
        let longest = u64::try_from(WAIT_MAX.as_millis()).expect("short");
        browser.post("/timeouts", json!({ "script": longest }));
        browser
    }

    fn post(&self, command: &str, body: Value) -> Value {
        let url = format!("{}{command}", self.session);
        let request = self.agent.post(url).header("content-type", "application/json");
        let mut response = request.send(body.to_string()).expect("the browser answers");
        let limit = u64::MAX;
        let text = response.body_mut().with_config().limit(limit).read_to_string().expect("text");
        let value: Value = serde_json::from_str(&text).expect("json");
        assert!(response.status().is_success(), "{command}: {value}");
        value["value"].clone()
    }

    pub fn open(&self, url: &str) {
        self.post("/url", json!({ "url": url }));
    }

    /// The value of an expression on the page.
    pub fn read(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// What the page calls `done` with.
    pub fn run(&self, body: &str, argument: &Value) -> Value {
        let script = format!("const [given, done] = arguments; {body}");
        self.post("/execute/async", json!({ "script": script, "args": [argument] }))
    }

    fn element(&self, selector: &str) -> String {
        let found = json!({ "using": "css selector", "value": selector });
        let found = self.post("/element", found);
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// Types into an element; for a file input, the path of a file.
    pub fn type_into(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/value"), json!({ "text": text }));
    }

    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), json!({}));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; chromedriver alone would leave it behind.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
