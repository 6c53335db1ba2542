// A string becomes markup only here. The caller is the parser, to which pages and parts
// are given that this origin rendered, and where nothing runs; markup that brings a
// script of its own is refused, and scripts and script addresses cannot be made from
// strings at all.
{
  const inline = /<script\b(?![^>]*\ssrc="\/assets\/)/i;
  globalThis.trustedTypes?.createPolicy("default", {
    createHTML: html => inline.test(html) ? null : html,
  });
}
