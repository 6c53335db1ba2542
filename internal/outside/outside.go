// Package outside holds the shapes of the outside as small interfaces: what the
// house asks of a mail server today, of trackers and platforms later. Each has
// one folder under plug/ for every real thing of the kind. It does nothing.
package outside

import "context"

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
