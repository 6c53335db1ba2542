// A string becomes markup only here. The callers are htmx, and the parser to which
// the calculator and the query box give parts that this origin rendered, where nothing runs; markup that brings a script of its own is refused, and scripts
// and script addresses cannot be made from strings at all.
{
  const inline = /<script\b(?![^>]*\ssrc="\/assets\/)/i;
  globalThis.trustedTypes?.createPolicy("default", {
    createHTML: html => inline.test(html) ? null : html,
  });
}
