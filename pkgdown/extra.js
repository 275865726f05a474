// What pages do beside showing themselves: formulas, the contents at the side, copying of code, search.
(function () {
  "use strict";
  const root = document.currentScript.dataset.root;

  function element(tag, text, attributes) {
    const made = Object.assign(document.createElement(tag), attributes || {});
    made.textContent = text;
    return made;
  }

  // pandoc and Rd write inline formulas as \(...\), displayed ones as \[...\] or $$...$$.
  function showFormulas() {
    const delimiters = [
      {left: "$$", right: "$$", display: true},
      {left: "\\[", right: "\\]", display: true},
      {left: "\\(", right: "\\)", display: false}
    ];
    renderMathInElement(document.getElementById("main") || document.body, {delimiters, throwOnError: false});
  }

  // Headings of the page as links; the one that is read is marked.
  function fillContents() {
    const contents = document.getElementById("toc");
    if (!contents) return;
    const list = contents.appendChild(element("ul", "", {className: "nav flex-column"}));
    const links = new Map();
    for (const heading of document.querySelectorAll("main h2, main h3")) {
      const id = heading.id || (heading.parentElement.matches(".section") && heading.parentElement.id);
      if (!id) continue;
      const item = list.appendChild(element("li", "", {className: "toc-" + heading.tagName.toLowerCase()}));
      const text = heading.textContent.trim();
      links.set(heading, item.appendChild(element("a", text, {href: "#" + id, className: "nav-link"})));
    }
    const mark = function () {
      let current = null;
      for (const heading of links.keys()) if (heading.getBoundingClientRect().top < 120) current = heading;
      for (const [heading, link] of links) link.classList.toggle("active", heading === current);
    };
    document.addEventListener("scroll", mark, {passive: true});
    mark();
  }

  // Code without its output.
  function addCopyButtons() {
    if (!navigator.clipboard) return;
    for (const block of document.querySelectorAll("div.sourceCode")) {
      const button = element("button", "copy", {type: "button", className: "copy-code"});
      button.addEventListener("click", function () {
        const code = block.querySelector("pre").textContent.replace(/^#>.*\n?/gm, "");
        navigator.clipboard.writeText(code).then(function () { button.textContent = "copied"; });
      });
      block.prepend(button);
    }
  }

  // Entries in which all words stand; those with a word in their title come first.
  function found(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const matches = [];
    for (const entry of window.siteIndex || []) {
      const title = (entry.title + " " + entry.what).toLowerCase();
      const all = title + " " + entry.text.toLowerCase();
      if (!words.every((word) => all.includes(word))) continue;
      matches.push([words.filter((word) => title.includes(word)).length, entry]);
    }
    return matches.sort((a, b) => b[0] - a[0]).slice(0, 15).map((match) => match[1]);
  }

  function addSearch() {
    const input = document.getElementById("search-input");
    if (!input) return;
    const list = input.parentElement.appendChild(element("ul", "", {id: "search-found", hidden: true}));
    input.addEventListener("input", function () {
      list.replaceChildren();
      for (const entry of found(input.value)) {
        const link = element("a", entry.title, {href: root + entry.path});
        if (entry.what && entry.what !== entry.title) link.append(element("small", " " + entry.what));
        list.appendChild(element("li", "")).append(link);
      }
      if (!list.children.length && input.value.trim()) list.append(element("li", "nothing found"));
      list.hidden = !list.children.length;
    });
    input.form.addEventListener("submit", function (event) {
      event.preventDefault();
      const first = list.querySelector("a");
      if (first) window.location.href = first.href;
    });
    document.addEventListener("click", function (event) {
      if (!input.parentElement.contains(event.target)) list.hidden = true;
    });
  }

  // A wide table scrolls by itself.
  function wrapTables() {
    for (const table of document.querySelectorAll("main table:not(.ref-index)")) {
      const box = element("div", "", {className: "wide"});
      table.replaceWith(box);
      box.append(table);
    }
  }

  wrapTables();
  showFormulas();
  fillContents();
  addCopyButtons();
  addSearch();
})();
