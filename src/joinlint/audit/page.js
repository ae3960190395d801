"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const rule = document.getElementById("rule");
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  const problems = [...document.querySelectorAll("article")].map((article) => ({
    article,
    code: article.dataset.code,
    text: article.textContent.toLowerCase(),
  }));
  const files = [...document.querySelectorAll("section.file")];

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { article, code, text } of problems) {
      const matches = (!rule.value || code === rule.value) && wanted.every((word) => text.includes(word));
      article.hidden = !matches;
      count += matches;
    }
    for (const file of files) file.hidden = !file.querySelector("article:not([hidden])");
    shown.value = `${count} of ${problems.length} shown`;
  };

  // A link to a problem that is filtered away would lead nowhere.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.hidden) {
      form.reset();
      filter();
      target.scrollIntoView();
    }
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", reveal);
  form.hidden = false;
  filter();
})();
