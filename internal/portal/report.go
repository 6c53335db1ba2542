package portal

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin/internal/access"
	"tocsin/internal/advisory"
	"tocsin/internal/fault"
	"tocsin/internal/intake"
	"tocsin/internal/product"
	"tocsin/internal/ref"
	"tocsin/internal/score/cwe"
	"tocsin/internal/web/ui"
)

var reportRoutes = []Route{
	{"GET /portal", "", (*Portal).welcome},
	{"GET /portal/report", "", (*Portal).blank},
	{"POST /portal/report", intake.VerbSubmit, (*Portal).submit},
}

// welcomePage is where everybody begins.
type welcomePage struct {
	Head      ui.PublicHead
	Publisher string
	Policy    string
	Promises  []ui.Promise
	Newest    []listed
}

func (p *Portal) welcome(r *http.Request) (Answer, error) {
	newest, _, err := p.Advisories.Feed(r.Context(), perPage, "")
	if err != nil {
		return Answer{}, err
	}
	newest = slices.DeleteFunc(newest, func(x advisory.Publication) bool { return x.Withdrawn })
	newest = newest[:min(len(newest), 3)]
	pub := p.Rules.Publisher
	return Answer{Shared: true, Page: welcome(welcomePage{Head: p.head(r, "Report a vulnerability", "report"), Publisher: pub.Name, Policy: pub.Policy,
		Promises: promises(p.Rules), Newest: list(newest)})}, nil
}

// reportPage is the form, empty or as it was sent.
type reportPage struct {
	Head     ui.PublicHead
	Sent     *sent
	Wrong    *fault.Fault
	Key      string // the same however often this form is sent
	Files    bool   // files were chosen, and have to be chosen again
	Products []ui.Option
	Severity []ui.Option
	Credits  []ui.Option
	Mails    bool
}

// another is the answer for a product that is not listed.
const another = "another"

func (p *Portal) blank(r *http.Request) (Answer, error) { return p.form(r, nil, nil) }

// form shows the form with what was typed, and what is wrong with it.
func (p *Portal) form(r *http.Request, s *sent, wrong *fault.Fault) (Answer, error) {
	products, err := p.Products.Public(r.Context())
	if err != nil && wrong == nil {
		return Answer{}, err // where the store is gone in the middle, the form still keeps what was typed
	}
	page := reportPage{Head: p.head(r, "Report a vulnerability", "report"), Sent: s, Wrong: spoken(wrong), Key: ref.Secret(), Products: productOptions(products), Mails: p.Mailer != nil}
	if key := s.text("key"); len(key) == len(page.Key) {
		page.Key = key
	}
	page.Files = s != nil && (len(s.files) > 0 || s.left)
	for _, b := range slices.Backward(p.Rules.Severity.Bands) {
		if b.From > 0 {
			page.Severity = append(page.Severity, ui.Option{Value: b.Word, Text: b.Title})
		}
	}
	for _, c := range p.Rules.Credits {
		page.Credits = append(page.Credits, ui.Option{Value: c.Name, Text: c.Title})
	}
	a := Answer{Page: report(page)}
	if wrong != nil {
		a.Status, a.Wait = statuses[wrong.Kind], wrong.After
	}
	return a, nil
}

func productOptions(products []product.Product) (out []ui.Option) {
	for _, x := range products {
		out = append(out, ui.Option{Value: x.Name, Text: x.Title})
	}
	if len(out) > 0 {
		out = append(out, ui.Option{Value: another, Text: "Another product, or I am not sure"})
	}
	return out
}

// submit takes a report in. Whatever is in the way, the form comes back with all
// that was typed.
func (p *Portal) submit(r *http.Request) (Answer, error) {
	late, how := p.tooSoon(r)
	s, err := p.read(r, how)
	defer s.drop()
	if late != nil {
		return p.form(r, s, late)
	}
	if err == nil {
		var done receipt
		done, err = p.taken.once(s.once(), p.Now(), func() (receipt, error) { return p.report(r, s) })
		if err == nil {
			return p.received(r, done)
		}
	}
	if f, ok := formFault(err); ok {
		return p.form(r, s, f)
	}
	p.Log.Error("portal", "trace", visitOf(r).trace, "pattern", r.Pattern, "err", err)
	return p.form(r, s, &fault.Fault{Kind: fault.Internal, Says: "Something broke here, and your report is not with us yet. Please send it again; the number " + visitOf(r).trace + " helps us to find out why.", Err: err})
}

// tooSoon answers who has sent more than their share, with the other way to reach us,
// and says how much of the form is read.
func (p *Portal) tooSoon(r *http.Request) (*fault.Fault, much) {
	from, now := p.from(r), p.Now()
	if wait := p.tries.wait(from, now); wait > 0 {
		return p.later(fmt.Sprintf("more than %d forms", triesAnHour), wait), leading
	}
	p.tries.take(from, now)
	if wait := p.reports.wait(from, now); wait > 0 {
		return p.later(fmt.Sprintf("more than %d reports", reportsAnHour), wait), texts
	}
	return nil, whole
}

func (p *Portal) later(what string, wait time.Duration) *fault.Fault {
	says := fmt.Sprintf("There were %s within an hour from your address, so this one was not taken. Send it again in %s: your text is all still here.", what, minutes(wait))
	if c := p.Rules.Publisher.Contact; c != "" {
		says += " If it cannot wait, reach us otherwise: " + c
	}
	return &fault.Fault{Kind: fault.TooMany, Says: says, After: wait}
}

func minutes(d time.Duration) string {
	n := int((d + time.Minute - 1) / time.Minute)
	if n == 1 {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// report checks everything, then stores the files, then takes the report in.
func (p *Portal) report(r *http.Request, s *sent) (out receipt, err error) {
	in, wrong := submission(s)
	if err := in.Check(p.Rules, p.Now()); err != nil {
		f := fault.Of(err)
		wrong = append(wrong, f.Fields...)
	}
	if err := each(append(wrong, s.wrong...)).Err(); err != nil {
		return out, err
	}
	if from, now := p.from(r), p.Now(); !p.reports.take(from, now) {
		return out, p.later(fmt.Sprintf("more than %d reports", reportsAnHour), max(p.reports.wait(from, now), time.Second))
	}
	files, err := p.store(r.Context(), s)
	if err != nil {
		return out, err
	}
	who := access.Actor{ID: ref.New("reporter"), Kind: access.Reporter, Name: "the reporter"}
	got, err := p.Reports.Submit(access.With(r.Context(), who), in, files...)
	return receipt{got, in.Contact != "", len(files)}, err
}

// each leaves one sentence a field, the first.
func each(wrong fault.Fields) (out fault.Fields) {
	for _, w := range wrong {
		if !slices.ContainsFunc(out, func(o fault.Field) bool { return o.Name == w.Name }) {
			out = append(out, w)
		}
	}
	return out
}

// submission reads the form's fields.
func submission(s *sent) (in intake.Submission, wrong fault.Fields) {
	in = intake.Submission{Title: s.Get("title"), Product: s.Get("product"), Summary: s.Get("summary"), Steps: s.Get("steps"), Impact: s.Get("impact"),
		Versions: s.Get("versions"), Severity: s.Get("severity"), Name: s.Get("name"), Contact: strings.TrimSpace(s.Get("contact")),
		Credit: s.Get("credit"), CreditName: s.Get("credit_name"), AI: s.Get("ai")}
	if in.Product == another || in.Product == "" {
		in.Product = s.Get("product_other")
	}
	var ok bool
	if in.CWE, ok = weakness(s.Get("cwe")); !ok {
		wrong.Add("cwe", "This is no weakness that we know by number or name. Write it like CWE-79 or “SQL injection”, or leave it empty.")
	}
	if day := strings.TrimSpace(s.Get("deadline")); day != "" {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			wrong.Add("deadline", "This is no date. Write it like 2027-01-31, or leave it empty.")
		}
		in.Deadline = at
	}
	return in, wrong
}

// weakness reads a weakness by its number or by what people call it.
func weakness(text string) (id string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", true
	}
	if len(text) > intake.MaxLine {
		return "", false
	}
	if w, ok := cwe.Get(text); ok {
		return w.ID, true
	}
	return cwe.ByName(text)
}

// receipt is what came of a report.
type receipt struct {
	intake.Receipt
	mail  bool // there is an address to write to
	files int
}

// receivedPage is the acknowledgement. It is the one page that shows the secret.
type receivedPage struct {
	Head    ui.PublicHead
	Receipt ui.Receipt
	Files   int
	Mailed  bool
	Contact bool
}

func (p *Portal) received(r *http.Request, got receipt) (Answer, error) {
	says := "Thank you. We have your report and read it soon."
	if span, ok := target(p.Rules, firstAnswer); ok {
		says = "Thank you. A person reads your report and answers within " + span.Words() + "."
	}
	page := receivedPage{Head: p.head(r, "We have your report", "report"), Files: got.files, Mailed: got.mail && p.Mailer != nil, Contact: got.mail,
		Receipt: ui.Receipt{Number: string(got.ID), Link: p.url("/portal/r/" + got.Secret), Says: says}}
	return Answer{Page: received(page), Secret: true, Cookies: []*http.Cookie{p.cookie(got.ID, got.Secret)}}, nil
}

// receipts remembers for a while what came of a form, so that one that is sent
// twice (a second click, a page loaded again) is one report with one receipt.
type receipts struct {
	mu  sync.Mutex
	all map[string]*pending
}

type pending struct {
	mu   sync.Mutex
	done bool
	got  receipt
	at   time.Time
}

// Receipts are remembered so long, and so many of them.
const (
	receiptLasts = 15 * time.Minute
	mostReceipts = 2000
)

// once names a form with all that is in it, so that the same form with another text
// is another report. A form without a key of ours is always one of its own.
func (s *sent) once() string {
	if len(s.Get("key")) != len(ref.Secret()) {
		return ""
	}
	sum := sha256.New()
	fmt.Fprint(sum, s.Encode())
	for _, f := range s.files {
		info, err := f.file.Stat()
		if err != nil {
			return ""
		}
		fmt.Fprintf(sum, "&%q=%d", f.name, info.Size())
	}
	return string(sum.Sum(nil))
}

// once does what fn does for the first who comes with the key, and hands everybody
// else the same receipt. What failed may be tried again.
func (rs *receipts) once(key string, now time.Time, fn func() (receipt, error)) (receipt, error) {
	if key == "" {
		return fn()
	}
	one := rs.of(key, now)
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.done {
		return one.got, nil
	}
	got, err := fn()
	if err == nil {
		one.done, one.got = true, got
	}
	return got, err
}

func (rs *receipts) of(key string, now time.Time) *pending {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if len(rs.all) >= mostReceipts || rs.all == nil {
		rs.forget(now)
	}
	one, ok := rs.all[key]
	if !ok || now.Sub(one.at) > receiptLasts {
		one = &pending{at: now}
		rs.all[key] = one
	}
	return one
}

func (rs *receipts) forget(now time.Time) {
	kept := map[string]*pending{}
	for key, one := range rs.all {
		if now.Sub(one.at) <= receiptLasts/2 && len(kept) < mostReceipts/2 {
			kept[key] = one
		}
	}
	rs.all = kept
}
