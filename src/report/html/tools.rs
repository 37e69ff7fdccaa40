//! The bar at the foot of the HTML report and its help: what needs the page's script, and is hidden until it runs.

/// The keys, and what they do.
const KEYS: [(&[&str], &str); 8] = [
    (&["j", "k"], "next and previous doubtful line (less than 80\u{a0}% sure)"),
    (&["J", "K"], "next and previous line of any kind"),
    (&["x"], "keep what was removed, drop what was kept; again to take it back"),
    (&["o"], "open or close the reasons for the line"),
    (&["/"], "search; Enter and Shift+Enter go from hit to hit, Esc leaves"),
    (&["n", "N"], "next and previous hit"),
    (&["e"], "save the changed decisions as an answers file"),
    (&["?"], "this help"),
];

/// Writes them.
pub(super) fn tools(out: &mut String) {
    out.push_str(
        "<div id=\"tools\" role=\"toolbar\" aria-label=\"Review\" hidden>\n\
         <span class=\"step\"><button type=\"button\" id=\"prev\" aria-keyshortcuts=\"k\" title=\"Previous doubtful line (k)\" \
         aria-label=\"Previous doubtful line\">↑</button><button type=\"button\" id=\"next\" aria-keyshortcuts=\"j\" \
         title=\"Next doubtful line (j)\" aria-label=\"Next doubtful line\">↓</button></span>\n\
         <span id=\"where\"></span>\n\
         <button type=\"button\" id=\"flip\" aria-keyshortcuts=\"x\" title=\"Keep or drop this line (x)\" disabled>Drop line</button>\n\
         <span class=\"find\"><input type=\"search\" id=\"find\" aria-label=\"Search the page\" aria-keyshortcuts=\"/\" \
         placeholder=\"Search\" autocomplete=\"off\" spellcheck=\"false\"><span id=\"hits\"></span></span>\n\
         <span class=\"save\"><label>Answers hold for <select id=\"scope\"><option value=\"document\">this document</option>\
         <option value=\"folder\">its folder</option><option value=\"everywhere\">every document</option></select></label>\
         <button type=\"button\" id=\"save\" aria-keyshortcuts=\"e\" title=\"Save chaffinch.answers.toml (e)\" disabled>\
         No answers yet</button></span>\n\
         <button type=\"button\" id=\"ask\" aria-keyshortcuts=\"?\" title=\"Keys (?)\" aria-label=\"Help\">?</button>\n</div>\n\
         <p id=\"say\" class=\"sr\" role=\"status\"></p>\n\
         <dialog id=\"help\" aria-labelledby=\"help-title\"><h2 id=\"help-title\">Keys</h2>\n<dl>\n",
    );
    for (keys, what) in KEYS {
        out.push_str("<div><dt>");
        for key in keys {
            out.push_str("<kbd>");
            out.push_str(key);
            out.push_str("</kbd> ");
        }
        out.push_str("</dt><dd>");
        out.push_str(what);
        out.push_str("</dd></div>\n");
    }
    out.push_str(
        "</dl>\n<p>An answer is for the text of a line: equal lines change together. Saved answers belong beside the \
         documents, as <code>chaffinch.answers.toml</code>, or are named with <code>--answers</code>.</p>\n\
         <p><label><input type=\"checkbox\" id=\"keys\" checked> <span>Single keys do something</span></label></p>\n\
         <p><button type=\"button\" id=\"close\" autofocus>Close</button></p></dialog>\n",
    );
}
