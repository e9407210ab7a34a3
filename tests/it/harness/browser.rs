//! A real browser, driven by the WebDriver protocol (W3C).

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Longest that one command of the browser may take.
const WAIT_MAX: Duration = Duration::from_secs(300);
/// How often the next page is asked for before it is taken for lost.
const PAGES_MAX: usize = 20;
/// Name of an element's id in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// What keeps Chromium from looking for a network, a screen or a sandbox.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--accept-lang=zh-CN",
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
        let options = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
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

    /// What a text field holds is replaced; a choice, a day or a slider is set as a person would.
    pub fn fill(&self, selector: &str, text: &str) {
        let set = "const field = document.querySelector(given[0]);
             if (!field) { done('no ' + given[0]); return; }
             field.value = given[1];
             for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));
             done(field.value);";
        let found = self.run(set, &json!([selector, text]));
        assert!(found.as_str().is_some_and(|f| f.trim() == text.trim()), "{selector}: {found}");
    }

    /// Submits a form by its button and waits for the next page.
    pub fn press(&self, selector: &str) {
        self.read("document.body.dataset.pressed = '1'");
        self.click(selector);
        let gone = "const look = () => (document.readyState === 'complete'
               && document.body && !document.body.dataset.pressed) ? done(true) : requestAnimationFrame(look);
             look();";
        // The old page goes away in between, and its script with it.
        for _ in 0..PAGES_MAX {
            if self.try_run(gone) {
                return;
            }
        }
        panic!("{selector}: no next page");
    }

    fn try_run(&self, body: &str) -> bool {
        let script = format!("const [given, done] = arguments; {body}");
        let url = format!("{}/execute/async", self.session);
        let request = self.agent.post(url).header("content-type", "application/json");
        let sent = request.send(json!({ "script": script, "args": [null] }).to_string());
        sent.expect("the browser answers").status().is_success()
    }

    /// A picture of the page at a width, whole.
    pub fn picture(&self, width: i64, dark: bool) -> Vec<u8> {
        use base64::Engine as _;
        let media = json!([{ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } }]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": media }));
        let height = 900;
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", size);
        let full = json!({ "captureBeyondViewport": true, "format": "png" });
        let taken = self.cdp("Page.captureScreenshot", full);
        self.cdp("Emulation.clearDeviceMetricsOverride", json!({}));
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": [] }));
        let data = taken["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
    }

    /// What the browser had to say since the last time, such as of a broken policy.
    pub fn said(&self) -> Vec<String> {
        let lines = self.post("/se/log", json!({ "type": "browser" }));
        // Advice is said more quietly than what went wrong.
        let wrong = |line: &&Value| line["level"] == "SEVERE";
        let text = |line: &Value| line["message"].as_str().unwrap_or_default().to_owned();
        let all = lines.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(wrong).map(text).collect()
    }

    fn cdp(&self, command: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", json!({ "cmd": command, "params": params }))
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
