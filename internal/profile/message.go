package profile

import (
	"strings"
	"text/template"
)

// Message is a canned text to somebody outside, as a template over Vars.
type Message struct {
	Name  string `json:"name"`
	Title string `json:"title"` // the subject line
	Body  string `json:"body"`  // Markdown

	title, body *template.Template
}

// Vars are the words that a message may use.
type Vars struct {
	Tracking string // the report's tracking number
	Title    string // the report's title, in the reporter's words
	Link     string // the reporter's own page
	Vendor   string // the publisher's name
	Credit   string // how the reporter wishes to be named; empty for not at all
	Days     int    // the days that the message speaks of
	Detail   string // what somebody writes into this one message: a question, a reason
	Advisory string // address of the published advisory
	Versions string // fixed versions
}

// Render fills the message's title and body.
func (m Message) Render(v Vars) (title, body string, err error) {
	var t, b strings.Builder
	if err := m.title.Execute(&t, v); err != nil {
		return "", "", err
	}
	if err := m.body.Execute(&b, v); err != nil {
		return "", "", err
	}
	return t.String(), b.String(), nil
}
