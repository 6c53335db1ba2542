// Package outside holds the shapes of the outside as small interfaces: what the
// house asks of a mail server and of programs that want to be told; of trackers and platforms later. Each has
// one folder under plug/ for every real thing of the kind. It does nothing.
package outside

import (
	"context"
	"time"
)

// Mail is one plain-text mail to one recipient.
type Mail struct {
	ID      string // the same at every try, so that a mail server may drop the second
	To      string
	Subject string
	Text    string
}

// Mailer sends mail. An error that another try cannot mend wraps Permanent.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Call is one message to a program of somebody else: a webhook.
type Call struct {
	ID      string // the same at every try, so that the receiver may drop the second
	Address string
	At      time.Time
	Secret  []byte // signs what is sent
	Body    []byte // JSON
}

// Caller makes such calls.
type Caller interface {
	// Check says what is wrong with an address, as far as it is known without calling.
	Check(address string) error
	Call(ctx context.Context, c Call) error
}
