package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// chromium is a browser that is spoken to through its tabs, as its own tools do. To
// speak to a page itself, as chromedp does, would forbid it to make pages ahead.
type chromium struct {
	cmd  *exec.Cmd
	conn *chromedp.PipeConn
	last int64
	home string
}

// startChromium starts a browser without a window and with a profile of its own.
func startChromium(ctx context.Context, path string) (*chromium, error) {
	home, err := os.MkdirTemp("", "tocsin-bench-chromium")
	if err != nil {
		return nil, err
	}
	b := &chromium{home: home}
	in, toBrowser, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	fromBrowser, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b.cmd = exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--remote-debugging-pipe", "--user-data-dir="+home, "--window-size=1280,900", "--no-first-run",
		"--disable-component-update", "--disable-background-networking", "--disable-default-apps", "--disable-dev-shm-usage")
	b.cmd.ExtraFiles = []*os.File{in, out} // 3 and 4
	b.cmd.WaitDelay = time.Second
	b.conn = chromedp.NewPipeConn(fromBrowser, toBrowser)
	err = b.cmd.Start()
	_, _ = in.Close(), out.Close()
	if err != nil {
		b.close()
	}
	return b, err
}

func (b *chromium) close() {
	_ = b.conn.Close() // which ends the browser
	_ = b.cmd.Wait()
	_ = os.RemoveAll(b.home)
}

// call sends one command and reads until its answer is there. What a tab opens
// meanwhile, its page and pages made ahead, is told to heard.
func (b *chromium) call(ctx context.Context, session, method string, params, result any, heard func(event)) error {
	b.last++
	m := &cdproto.Message{ID: b.last, SessionID: target.SessionID(session), Method: cdproto.MethodType(method)}
	text, err := json.Marshal(params)
	if err != nil {
		return err
	}
	m.Params = text
	if err := b.conn.Write(ctx, m); err != nil {
		return err
	}
	for {
		var got cdproto.Message
		if err := b.conn.Read(ctx, &got); err != nil {
			return err
		}
		switch {
		case got.Method != "" && heard != nil:
			var e event
			if err := json.Unmarshal(got.Params, &e); err != nil {
				return err
			}
			e.Method = string(got.Method)
			heard(e)
			if e.Method == detached && e.SessionID == session {
				return errGone
			}
		case got.ID == b.last && got.Error != nil:
			return fmt.Errorf("%s: %s", method, got.Error.Message)
		case got.ID == b.last && result != nil:
			return json.Unmarshal(got.Result, result)
		case got.ID == b.last:
			return nil
		}
	}
}

// errGone is the failure of a call to a page that went away before it answered.
var errGone = errors.New("the page is gone")

const detached = "Target.detachedFromTarget"

// event is what is read of an event: which page came or went.
type event struct {
	Method    string `json:"-"`
	SessionID string `json:"sessionId"`
	Target    struct {
		Type string `json:"type"`
	} `json:"targetInfo"`
}

// tab is one tab, with the sessions of the pages in it: the one that is seen, and
// those that are made ahead.
type tab struct {
	*chromium
	ctx   context.Context
	id    string
	pages []string
}

// open opens a tab.
func (b *chromium) open(ctx context.Context) (*tab, error) {
	t := &tab{chromium: b, ctx: ctx}
	var made struct{ TargetID string }
	if err := t.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank", "forTab": true}, &made, nil); err != nil {
		return nil, err
	}
	t.id = made.TargetID
	var its struct{ SessionID string }
	if err := t.call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": t.id, "flatten": true}, &its, nil); err != nil {
		return nil, err
	}
	err := t.in(its.SessionID, "Target.setAutoAttach", map[string]any{"autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true}, nil)
	for deadline := time.Now().Add(5 * time.Second); err == nil && len(t.pages) == 0 && time.Now().Before(deadline); {
		err = t.in("", "Target.getTargets", struct{}{}, nil)
	}
	if err == nil && len(t.pages) == 0 {
		err = fmt.Errorf("a tab of Chromium has no page")
	}
	return t, err
}

// in calls a session and remembers the pages that come and go meanwhile.
func (t *tab) in(session, method string, params, result any) error {
	return t.call(t.ctx, session, method, params, result, func(e event) {
		switch {
		case e.Method == "Target.attachedToTarget" && e.Target.Type == "page":
			t.pages = append(t.pages, e.SessionID)
		case e.Method == detached:
			for i, p := range t.pages {
				if p == e.SessionID {
					t.pages = append(t.pages[:i:i], t.pages[i+1:]...)
				}
			}
		}
	})
}

// do calls the page of the tab that is seen.
func (t *tab) do(method string, params any) error {
	for _, p := range t.pages {
		var r struct {
			Result struct{ Value bool }
		}
		if t.in(p, "Runtime.evaluate", map[string]any{"expression": `document.visibilityState === "visible"`, "returnByValue": true}, &r) == nil && r.Result.Value {
			return t.in(p, method, params, nil)
		}
	}
	return errGone
}

// seen asks each page of the tab for the value of an expression until one that is seen
// has it, for at most ten seconds.
func (t *tab) seen(expression string, value any) error {
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if err := t.in("", "Target.getTargets", struct{}{}, nil); err != nil { // hears who came and went
			return err
		}
		for _, p := range t.pages {
			var r struct {
				Result struct{ Value json.RawMessage }
			}
			err := t.in(p, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &r)
			if err == nil && len(r.Result.Value) > 0 && string(r.Result.Value) != "null" {
				return json.Unmarshal(r.Result.Value, value)
			}
		}
		time.Sleep(20 * time.Millisecond) // a person would not see sooner that the page is there
	}
	return fmt.Errorf("no page of the tab has %.60s", expression)
}
