/** Colours can be set from outside: `--readback-accent`, `--readback-surface`, `--readback-text`, `--readback-font`, `--readback-radius`. */
export const style = `
:host {
  --accent: var(--readback-accent, #2f5bea);
  --on-accent: var(--readback-on-accent, #fff);
  --surface: var(--readback-surface, #fff);
  --raised: #f4f5f8;
  --line: #e3e6ec;
  --text: var(--readback-text, #1b1f27);
  --soft: #5d6675;
  --red: #c2382e;
  --amber: #a66300;
  --code: #e8eaf0;
  --shade: 0 1px 2px rgb(20 25 40 / 6%), 0 8px 28px rgb(20 25 40 / 8%);
  color-scheme: light;
  display: block;
  box-sizing: border-box;
  min-height: 20rem;
  height: 36rem;
  max-width: 100%;
  color: var(--text);
  font: 15px/1.5 var(--readback-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
}
:host([hidden]) { display: none !important; }
:host([theme="dark"]) { ${dark()} }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${dark()} } }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.chat {
  display: flex; flex-direction: column; height: 100%; min-height: inherit; overflow: hidden;
  background: var(--surface); border: 1px solid var(--line);
  border-radius: var(--readback-radius, 14px); box-shadow: var(--shade);
}
header { display: flex; align-items: center; gap: .6rem; padding: .8rem 1.1rem; border-bottom: 1px solid var(--line); }
h2 { margin: 0; font-size: 1rem; font-weight: 600; letter-spacing: -.005em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dot { flex: none; width: .55rem; height: .55rem; border-radius: 50%; background: var(--soft); opacity: .45; transition: background .3s, opacity .3s; }
.dot.online { background: #1e9e5a; opacity: 1; }
.dot.offline { background: var(--amber); opacity: 1; }
.banner, .note { display: flex; align-items: center; gap: .75rem; padding: .5rem 1.1rem; font-size: .87rem; border-bottom: 1px solid var(--line); background: var(--raised); color: var(--soft); }
.banner span, .note span { flex: 1; }
.banner.offline { color: var(--amber); }
.bare { border: 0; background: none; padding: .2rem .3rem; font: inherit; font-weight: 600; color: var(--accent); cursor: pointer; border-radius: 6px; }
.bare svg, .newest svg { width: 1rem; height: 1rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; display: block; }
.main { position: relative; flex: 1; min-height: 0; }
.scroll { height: 100%; overflow-y: auto; overscroll-behavior: contain; padding: 1.1rem; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.log { display: flex; flex-direction: column; outline: none; }
.log:focus-visible { outline: 2px solid var(--accent); outline-offset: .5rem; border-radius: 4px; }
.empty { margin: 0; position: absolute; inset: 0; display: grid; place-items: center; padding: 2rem; text-align: center; color: var(--soft); max-width: 26rem; margin-inline: auto; }
.message { position: relative; max-width: min(42rem, 88%); margin-top: .9rem; }
.message:first-child { margin-top: 0; }
.bot + .bot { margin-top: .8rem; }
.person + .person { margin-top: .5rem; }
.person { align-self: flex-end; max-width: min(34rem, 82%); }
.bot { align-self: flex-start; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.body { padding: .55rem .85rem; border-radius: 14px; overflow-wrap: anywhere; }
.person .body { background: var(--accent); color: var(--on-accent); border-bottom-right-radius: 5px; white-space: pre-wrap; }
.person.sending .body { opacity: .75; }
.person.waiting .body, .person.failed .body { background: transparent; color: var(--text); border: 1px dashed var(--soft); }
.person.failed .body { border-color: var(--red); }
.bot .body { background: var(--raised); border-bottom-left-radius: 5px; }
.problem { margin: .2rem .3rem 0; font-size: .8rem; color: var(--soft); text-align: right; }
.failed > .problem { color: var(--red); }
.person .actions { justify-content: flex-end; }
.body > * { margin: .55em 0; }
.aside > * { margin: .1em 0; }
.body > :first-child, .aside > :first-child { margin-top: 0; }
.body > :last-child, .aside > :last-child { margin-bottom: 0; }
.heading { font-weight: 650; line-height: 1.3; }
.h1 { font-size: 1.22em; } .h2 { font-size: 1.12em; } .h3 { font-size: 1.04em; }
ul, ol { padding-left: 1.4em; } li + li { margin-top: .2em; } li > ul, li > ol { margin: .2em 0; }
blockquote { margin-inline: 0; padding-left: .8em; border-left: 3px solid var(--line); color: var(--soft); }
hr { border: 0; border-top: 1px solid var(--line); }
a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
code { font: .88em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--code); padding: .12em .35em; border-radius: 5px; }
pre { overflow-x: auto; background: var(--code); border-radius: 9px; padding: .7em .85em; white-space: pre; overflow-wrap: normal; scrollbar-width: thin; }
pre code { padding: 0; background: none; }
.working .body { color: var(--soft); background: transparent; padding: .3rem 0 .3rem 1.75rem; position: relative; }
.working .body::before {
  content: ""; position: absolute; left: .15rem; top: .62rem; width: .95rem; height: .95rem; border-radius: 50%;
  border: 2px solid var(--line); border-top-color: var(--accent); animation: turn .9s linear infinite;
}
.banner.offline ~ .log .working .body::before { animation-play-state: paused; }
.working.streaming .body { color: inherit; background: var(--raised); padding: .55rem .85rem; }
.working.streaming .body::before { display: none; }
.streaming .body > p:last-child::after, .streaming .body > .heading:last-child::after, .streaming .body > :is(ul, ol):last-child > li:last-child > div:last-child::after { content: ""; display: inline-block; width: .5em; height: 1em; margin-left: .2em; vertical-align: -.12em; border-radius: 2px; background: var(--accent); animation: blink 1.1s ease-in-out infinite; }
.aside { position: relative; padding: .25rem .2rem 0 1.55rem; font-size: .84rem; color: var(--soft); }
.aside::before { content: ""; position: absolute; left: .2rem; top: .52rem; width: .75rem; height: .75rem; border-radius: 50%; border: 2px solid var(--line); border-top-color: var(--accent); animation: turn .9s linear infinite; }
.terminal.failed .body, .terminal.timed-out .body, .terminal.interrupted .body, .terminal.cancelled .body { border-left: 3px solid var(--soft); border-radius: 5px 14px 14px 5px; }
.terminal.failed .body { border-left-color: var(--red); }
.terminal.timed-out .body, .terminal.interrupted .body { border-left-color: var(--amber); }
.terminal.cancelled .body { color: var(--soft); }
.question .body { background: transparent; border: 1px solid color-mix(in srgb, var(--accent) 45%, var(--line)); }
.notice .body { background: transparent; border: 1px solid var(--line); }
.amend .body { background: transparent; color: var(--soft); border: 1px solid var(--line); }
.hint { margin: .35rem .3rem 0; font-size: .84rem; color: var(--soft); }
.actions { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .45rem; }
.action {
  font: inherit; font-size: .89rem; font-weight: 550; padding: .34rem .85rem; border-radius: 999px; cursor: pointer; text-align: start;
  border: 1px solid var(--line); background: var(--surface); color: var(--text); transition: background .15s, border-color .15s, opacity .15s;
}
.action:hover:not([aria-disabled]) { border-color: var(--accent); color: var(--accent); }
.action.primary { border-color: var(--accent); color: var(--accent); }
.action.primary:hover:not([aria-disabled]) { background: color-mix(in srgb, var(--accent) 9%, transparent); }
.action.danger { color: var(--red); }
.action.danger:hover:not([aria-disabled]) { border-color: var(--red); color: var(--red); }
.action[aria-disabled] { opacity: .5; cursor: default; }
.working .actions { margin-left: 1.75rem; margin-top: .1rem; }
.working.streaming .actions { margin-left: 0; margin-top: .45rem; }
.working .action { font-size: .82rem; padding: .2rem .7rem; color: var(--soft); }
.files li + li { margin-top: 0; }
.files { list-style: none; margin: .45rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .4rem; }
.files a, .file { display: inline-flex; align-items: center; gap: .4rem; font: inherit; font-size: .87rem; padding: .3rem .65rem; border: 1px solid var(--line); border-radius: 9px; background: var(--surface); color: var(--text); text-decoration: none; cursor: pointer; overflow-wrap: anywhere; }
.files svg { flex: none; width: 1rem; height: 1rem; fill: none; stroke: var(--soft); stroke-width: 1.8; stroke-linejoin: round; }
.files a:hover, .file:hover { border-color: var(--accent); }
time { position: absolute; top: 100%; font-size: .68rem; line-height: 1; padding: 0 .2rem; margin-top: .1rem; color: var(--soft); opacity: 0; pointer-events: none; transition: opacity .15s; z-index: 1; white-space: nowrap; }
.person time { right: .2rem; } .bot time { left: .2rem; }
.message:hover > time, .message:focus-within > time { opacity: 1; }
.presence { display: flex; align-items: center; gap: .6rem; margin-top: .7rem; min-height: 1.6rem; color: var(--soft); font-size: .87rem; }
.dots { display: inline-flex; gap: .28rem; padding: .5rem .7rem; border-radius: 14px; background: var(--raised); }
.dots i { width: .4rem; height: .4rem; border-radius: 50%; background: var(--soft); animation: bob 1.2s ease-in-out infinite; }
.dots i:nth-child(2) { animation-delay: .15s; } .dots i:nth-child(3) { animation-delay: .3s; }
.newest { position: absolute; left: 50%; bottom: .8rem; transform: translateX(-50%); display: inline-flex; align-items: center; gap: .35rem; font: inherit; font-size: .84rem; font-weight: 600; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: 999px; background: var(--surface); color: var(--accent); box-shadow: var(--shade); cursor: pointer; }
form { display: flex; align-items: flex-end; gap: .5rem; padding: .7rem; padding-bottom: max(.7rem, env(safe-area-inset-bottom)); border-top: 1px solid var(--line); }
textarea {
  flex: 1; min-width: 0; resize: none; max-height: 10rem; font: inherit; font-size: max(1em, 16px); line-height: 1.4; padding: .52rem .8rem;
  color: inherit; background: var(--raised); border: 1px solid transparent; border-radius: 12px; outline: none; transition: border-color .15s;
}
textarea::placeholder { color: var(--soft); opacity: 1; }
textarea:focus { border-color: var(--accent); background: var(--surface); }
.send { flex: none; width: 2.55rem; height: 2.55rem; display: grid; place-items: center; border: 0; border-radius: 12px; background: var(--accent); color: var(--on-accent); cursor: pointer; transition: opacity .15s; }
.send svg { width: 1.2rem; height: 1.2rem; fill: currentColor; }
.send:disabled { opacity: .4; cursor: default; }
button:focus-visible, a:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 30rem) {
  .scroll { padding: .85rem; } header { padding: .7rem .9rem; } .message { max-width: 94%; } .person { max-width: 86%; }
}
@media (prefers-reduced-motion: reduce) { * { animation-duration: 2.5s !important; transition: none !important; } .dots i { animation: none; } }
@keyframes turn { to { transform: rotate(1turn); } }
@keyframes blink { 50% { opacity: .15; } }
@keyframes bob { 0%, 60%, 100% { transform: none; opacity: .5; } 30% { transform: translateY(-.2rem); opacity: 1; } }
`;

function dark(): string {
  return `
  --accent: var(--readback-accent, #7d9bff); --on-accent: var(--readback-on-accent, #0c1022);
  --surface: var(--readback-surface, #16181d); --raised: #22252c; --line: #31353e;
  --text: var(--readback-text, #e8eaee); --soft: #9aa3b2; --red: #ff8379; --amber: #e3a548; --code: #1c1f25;
  --shade: 0 1px 2px rgb(0 0 0 / 35%), 0 8px 28px rgb(0 0 0 / 30%);
  color-scheme: dark;`;
}
