package assets

import "net/http"

// CSP is the Content-Security-Policy of every page of every surface. Scripts,
// styles and fonts come from this origin alone, nothing is inline, nothing
// frames us, and a string becomes markup only through the default Trusted
// Types policy of js/00-trust.js. Dialogue with the server is same-origin.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; " +
	"base-uri 'none'; require-trusted-types-for 'script'; trusted-types default"

// FileCSP is the Content-Security-Policy of an attachment: should a browser
// show it in spite of Content-Disposition, it can do nothing.
const FileCSP = "default-src 'none'; sandbox; frame-ancestors 'none'"

// PageHeaders are the headers that go with every page.
var PageHeaders = http.Header{
	"Content-Security-Policy":      {CSP},
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
	"X-Frame-Options":              {"DENY"},
}

// SetPageHeaders sets PageHeaders on h.
func SetPageHeaders(h http.Header) {
	for name, value := range PageHeaders {
		h[name] = value
	}
}
