// Package smtp sends mail through an SMTP server. Mail is plain text and carries
// no tracking. It knows no record: package effect writes the mails.
package smtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"tocsin/internal/fault"
	"tocsin/internal/outside"
)

// Mailer sends through one server.
type Mailer struct {
	client *mail.Client
	from   string
}

// New reads the server's address, smtp://user:password@host:port or smtps:// for
// TLS from the first byte. With smtp:// the connection turns to TLS by STARTTLS,
// and nothing is sent where the server has none; only to a server on this
// machine does mail go in the clear.
func New(address, from string) (*Mailer, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, fault.New(fault.Invalid, "the mail server's address cannot be read; write smtp://user:password@host:587 or smtps://host:465")
	}
	if from == "" {
		return nil, fault.New(fault.Invalid, "a mail server is set but no sender; give the address that mail comes from")
	}
	opts := []mail.Option{mail.WithTimeout(20 * time.Second), mail.WithPort(port(u))}
	opts = append(opts, security(u))
	if u.User != nil {
		password, _ := u.User.Password()
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	c, err := mail.NewClient(u.Hostname(), opts...)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the mail server's settings are not good: %v", err)
	}
	return &Mailer{c, from}, nil
}

func port(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	return map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
}

func security(u *url.URL) mail.Option {
	ip := net.ParseIP(u.Hostname())
	switch {
	case u.Scheme == "smtps":
		return mail.WithSSL()
	case u.Hostname() == "localhost" || ip != nil && ip.IsLoopback():
		return mail.WithTLSPolicy(mail.TLSOpportunistic)
	}
	return mail.WithTLSPolicy(mail.TLSMandatory)
}

// Send sends one mail.
func (m *Mailer) Send(ctx context.Context, x outside.Mail) error {
	msg := mail.NewMsg()
	if err := errors.Join(msg.From(m.from), msg.To(x.To)); err != nil {
		return fmt.Errorf("address a mail: %w", err)
	}
	msg.SetMessageIDWithValue(x.ID + "@tocsin")
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	msg.Subject(x.Subject)
	msg.SetBodyString(mail.TypeTextPlain, x.Text)
	if err := m.client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}
