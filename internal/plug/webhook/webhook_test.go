package webhook

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tocsin/internal/fault"
	"tocsin/internal/outside"
)

func caller(t *testing.T, networks ...string) *Caller {
	t.Helper()
	c, err := New(networks...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSignature holds the signature to one made by hand with another program:
// printf 'msg_1.1700000000.{"a":1}' | openssl dgst -sha256 -hmac 'key' -binary | base64
func TestSignature(t *testing.T) {
	const want = "v1,KSgv0SSgWzG5LPnm9tfWJRfBlWqAqHz+OlObgspQi/g="
	if have := Sign([]byte("key"), "msg_1", "1700000000", []byte(`{"a":1}`)); have != want {
		t.Errorf("have %s, want %s", have, want)
	}
}

func TestACallIsSignedAndSaysNothingElse(t *testing.T) {
	var got *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer s.Close()
	m := outside.Call{ID: "audit-1", Address: s.URL + "/in", At: time.Unix(1700000000, 0), Secret: []byte("key"), Body: []byte(`{"a":1}`)}
	if err := caller(t, "127.0.0.0/8").Call(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPost || got.URL.Path != "/in" || string(body) != `{"a":1}` || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s %q", got.Method, got.URL, body)
	}
	if got.Header.Get("Webhook-Id") != "audit-1" || got.Header.Get("Webhook-Timestamp") != "1700000000" || got.Header.Get("Webhook-Signature") != Sign(m.Secret, m.ID, "1700000000", body) {
		t.Errorf("headers %v", got.Header)
	}
}

func TestNetworksThatAreNotEverybodysAreNotReached(t *testing.T) {
	hit := false
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer s.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "https://"), ":")
	c := caller(t)
	for _, address := range []string{s.URL, "https://localhost:" + port, "https://[::1]:" + port, "https://[::ffff:127.0.0.1]:" + port, "https://0x7f000001:" + port, "https://2130706433:" + port} {
		if err := c.Call(t.Context(), outside.Call{Address: address}); err == nil {
			t.Errorf("%s was called", address)
		}
	}
	// A name is looked up only when the connection is made, so there it counts.
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://localhost:"+port, nil)
	if _, err := c.secure.Do(r); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a name of this machine: %v, want Forbidden", err)
	}
	if hit {
		t.Error("this machine was reached")
	}
	for _, a := range []string{"10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "fe80::1", "fc00::1", "ff02::1", "::", "64:ff9b::a00:1", "2002:7f00:1::", "::ffff:10.0.0.1"} {
		if c.may(netip.MustParseAddr(a)) {
			t.Errorf("%s may be reached", a)
		}
	}
	for _, a := range []string{"192.0.2.7", "2001:db8::7", "8.8.8.8"} {
		if !c.may(netip.MustParseAddr(a)) {
			t.Errorf("%s may not be reached", a)
		}
	}
}

func TestClearTextGoesToOpenedNetworksAlone(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	c := caller(t, "192.0.2.0/24")
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, nil)
	if _, err := c.clear.Do(r); !errors.Is(err, fault.Forbidden) {
		t.Errorf("http to a network that nobody opened: %v, want Forbidden", err)
	}
	if err := caller(t).Check("http://hooks.example.org"); !errors.Is(err, fault.Invalid) {
		t.Errorf("http with no network opened: %v, want Invalid", err)
	}
}

func TestAnAnswerThatIsNoYesIsAnError(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	err := caller(t, "127.0.0.1").Call(t.Context(), outside.Call{Address: s.URL})
	if !errors.Is(err, fault.Unavailable) || !strings.Contains(fault.Of(err).Says, "307") {
		t.Errorf("a redirect: %v, want the status as an error", err)
	}
	s.Close()
	if err := caller(t, "127.0.0.1").Call(t.Context(), outside.Call{Address: s.URL}); !errors.Is(err, fault.Unavailable) || strings.Contains(fault.Of(err).Says, s.URL) {
		t.Errorf("nobody there: %v, want a sentence without the address", err)
	}
}

func TestAddressesThatCannotBeAreRefused(t *testing.T) {
	for _, address := range []string{"", "hooks.example.org", "ftp://hooks.example.org", "https://", "https:///x", "https://a:b@hooks.example.org", "https://hooks.example.org/#x", "https://127.0.0.1/", "https://[fe80::1]/", "https://localhost/", "mailto:a@b", "https://hooks.example.org:x/"} {
		if err := caller(t).Check(address); !errors.Is(err, fault.Invalid) || len(fault.Of(err).Fields) != 1 {
			t.Errorf("%q: %v, want Invalid with the field", address, err)
		}
	}
	if err := caller(t).Check("https://hooks.example.org:8443/a?b=c"); err != nil {
		t.Errorf("a good one: %v", err)
	}
	if _, err := New("ten.0.0.0/8"); !errors.Is(err, fault.Invalid) {
		t.Errorf("a network that is none: %v, want Invalid", err)
	}
}
