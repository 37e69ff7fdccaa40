//! Just enough of the WebDriver protocol to drive headless Chromium through chromedriver, over a plain socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// One browser at a time: small machines have room for no more.
static TURN: Mutex<()> = Mutex::new(());

/// A browser with an empty profile, which ends with this value.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// The browser itself, which outlives a driver that is killed.
    process: Option<u64>,
    /// Profile and downloads.
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Starts one; `None`, with a message, where none is installed.
    pub(crate) fn open() -> Option<Browser> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = started else {
            println!("skipped: chromedriver is not installed");
            return None;
        };
        let mut said = BufReader::new(driver.stdout.take().unwrap());
        let mut port = None;
        let mut line = String::new();
        while port.is_none() && said.read_line(&mut line).unwrap() > 0 {
            port = line
                .split("successfully on port ")
                .nth(1)
                .and_then(|rest| rest.trim().trim_end_matches('.').parse().ok());
            line.clear();
        }
        // Whatever it says from now on must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let folder = tempfile::tempdir().unwrap();
        let port = port.expect("chromedriver says which port it has");
        let mut browser = Browser { driver, port, session: String::new(), process: None, folder, _turn: turn };
        let profile = format!("--user-data-dir={}", browser.folder.path().join("profile").display());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            &profile,
        ];
        let options = json!({"browserName": "chrome", "goog:chromeOptions": {"args": flags}, "goog:loggingPrefs": {"browser": "ALL"}});
        let answer = browser.send("POST", "/session", Some(&json!({"capabilities": {"alwaysMatch": options}})));
        let Some(session) = answer["value"]["sessionId"].as_str() else {
            let message = answer["value"]["message"].as_str().unwrap_or_default();
            assert!(message.contains("cannot find") || message.contains("no chrome binary"), "{answer}");
            println!("skipped: chromium is not installed");
            return None;
        };
        browser.session = format!("/session/{session}");
        browser.process = answer["value"]["capabilities"]["goog:processID"].as_u64();
        let downloads = browser.folder.path().to_str().unwrap().to_owned();
        browser.devtools("Browser.setDownloadBehavior", &json!({"behavior": "allow", "downloadPath": downloads}));
        Some(browser)
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("chromedriver listens");
        stream.set_read_timeout(Some(Duration::from_secs(300))).unwrap();
        let body = body.map(Value::to_string).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        let mut answer = self.send("POST", &format!("{}{path}", self.session), Some(body));
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].take()
    }

    /// Loads a file.
    pub(crate) fn load(&self, path: &Path) {
        self.command("/url", &json!({"url": format!("file://{}", path.display())}));
    }

    /// What a function body returns.
    pub(crate) fn eval(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// A text that a function body returns.
    pub(crate) fn text(&self, script: &str) -> String {
        let value = self.eval(script);
        value.as_str().unwrap_or_else(|| panic!("{script}: {value}")).to_owned()
    }

    /// Presses one key after the other.
    pub(crate) fn press(&self, keys: &str) {
        for key in keys.chars() {
            let strokes = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
            self.command("/actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": strokes}]}));
        }
    }

    /// A command of the browser's own protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Waits for a downloaded file and takes it away.
    pub(crate) fn downloaded(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        for _ in 0..200 {
            match std::fs::read_to_string(&path) {
                Ok(text) if !text.is_empty() => {
                    std::fs::remove_file(&path).unwrap();
                    return text;
                }
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        panic!("{name} was not downloaded");
    }

    /// What the browser complains about: errors, and violations of the page's policy.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.command("/se/log", &json!({"type": "browser"}));
        log.as_array().unwrap().iter().map(Value::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that still answers ends the browser in order.
        if !self.session.is_empty() && !std::thread::panicking() {
            self.send("DELETE", &self.session, None);
        }
        _ = self.driver.kill();
        _ = self.driver.wait();
        if let Some(process) = self.process.filter(|_| std::thread::panicking()) {
            _ = Command::new("kill").arg(process.to_string()).status();
        }
    }
}
