// Package webhook calls programs of somebody else by HTTP, signed as the Standard
// Webhooks specification, version 1, says: webhook-id, webhook-timestamp and
// webhook-signature. It calls no address of this machine or of a network that is
// nobody's from outside, unless the operator names that network; it follows no
// redirect and uses no proxy. It knows no record: package hook writes what is sent.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/outside"
)

// wait is how long the other side may take.
const wait = 10 * time.Second

// mostRead is how much of an answer is read: only its status counts.
const mostRead = 4 << 10

// Caller calls.
type Caller struct {
	open   []netip.Prefix
	secure *http.Client // for https
	clear  *http.Client // for http, which goes to opened networks alone
}

var _ outside.Caller = (*Caller)(nil)

// New returns a caller that may also call the networks, which are addresses or
// prefixes such as 10.20.0.0/16. A word that is neither is Invalid.
func New(networks ...string) (*Caller, error) {
	c := &Caller{}
	for _, n := range networks {
		p, err := netip.ParsePrefix(n)
		if a, wrong := netip.ParseAddr(n); err != nil && wrong == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is no network that webhooks may reach; write one as 10.20.0.0/16 or 192.0.2.7", n)
		}
		c.open = append(c.open, p.Masked())
	}
	c.secure, c.clear = client(c.may), client(c.opened)
	return c, nil
}

// client makes connections to addresses that may be reached, and to no others: it
// asks of the address itself, after every look-up of a name.
func client(may func(netip.Addr) bool) *http.Client {
	dial := &net.Dialer{Timeout: wait, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !may(at.Addr()) {
			return fault.New(fault.Forbidden, "the address lies in a network that webhooks may not reach; whoever runs the server can open it with --webhook-networks")
		}
		return nil
	}}
	return &http.Client{Timeout: wait, Transport: &http.Transport{DialContext: dial.DialContext, TLSHandshakeTimeout: wait, ResponseHeaderTimeout: wait,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// opened are the networks that the operator named.
func (c *Caller) opened(a netip.Addr) bool { return within(c.open, a.Unmap()) }

// may is whether an address is everybody's, or opened.
func (c *Caller) may(a netip.Addr) bool {
	a = a.Unmap()
	return c.opened(a) || a.IsGlobalUnicast() && !a.IsPrivate() && !within(closed, a)
}

// closed are networks that are nobody's from outside, beside those that netip
// knows (RFC 6890; RFC 6598, carriers; RFC 6052 and 8215, IPv4 behind IPv6).
var closed = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16")}

func within(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Check refuses an address that could never be called.
func (c *Caller) Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return fault.At("address", "this is no address; write it as https://hooks.example.org/tocsin")
	case u.User != nil || u.Fragment != "":
		return fault.At("address", "an address here has no name and password before the host and no part after #; what is sent is signed instead")
	case strings.TrimRight(u.Port(), "0123456789") != "":
		return fault.At("address", "the port is no number")
	}
	ip, isIP := netip.ParseAddr(u.Hostname())
	if isIP == nil && !c.may(ip) || isIP != nil && strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), "localhost") && len(c.open) == 0 {
		return fault.At("address", "this address lies in a network that webhooks may not reach; whoever runs the server can open it with --webhook-networks")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || len(c.open) == 0) {
		return fault.At("address", "webhooks go to https addresses; http is for networks that the server's --webhook-networks opens")
	}
	return nil
}

// Call sends one message. Any answer but 2xx is an error that says so; the answer's
// own words are dropped.
func (c *Caller) Call(ctx context.Context, m outside.Call) error {
	if err := c.Check(m.Address); err != nil {
		return err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Address, bytes.NewReader(m.Body))
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	at := strconv.FormatInt(m.At.Unix(), 10)
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("User-Agent", "Tocsin")
	q.Header.Set("Webhook-Id", m.ID)
	q.Header.Set("Webhook-Timestamp", at)
	q.Header.Set("Webhook-Signature", Sign(m.Secret, m.ID, at, m.Body))
	client := c.secure
	if q.URL.Scheme == "http" {
		client = c.clear
	}
	r, err := client.Do(q)
	if err != nil {
		return unreached(err)
	}
	defer r.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, mostRead))
	if r.StatusCode < 200 || r.StatusCode > 299 {
		return fault.New(fault.Unavailable, "the address answered %d", r.StatusCode)
	}
	return nil
}

// unreached says why nothing was sent, without the address, which may hold a secret.
func unreached(err error) error {
	if f := fault.Of(err); f != nil && f.Kind == fault.Forbidden {
		return f
	}
	return &fault.Fault{Kind: fault.Unavailable, Says: "the address could not be reached", Err: err}
}

// Sign is the signature of a message: version 1, HMAC with SHA-256 over its id, its
// time and its body.
func Sign(secret []byte, id, at string, body []byte) string {
	m := hmac.New(sha256.New, secret)
	fmt.Fprintf(m, "%s.%s.", id, at)
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}
