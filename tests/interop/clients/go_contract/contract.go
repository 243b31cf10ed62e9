// Package contract is what every Go program of these folders speaks; ../contract.py describes it.
package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

const (
	Records          = 1000
	CreatedRetention = "86400000"
	AlteredRetention = "3600000"
	settleMax        = 60 * time.Second
)

// Bootstrap and Prefix are the two arguments of the program.
var Bootstrap, Prefix = os.Args[1], os.Args[2]

type Header struct{ Name, Value string }

func Topic(variant string) string { return Prefix + "-" + variant }
func Key(index int) string        { return fmt.Sprintf("key-%04d", index) }
func Value(index int) string {
	return fmt.Sprintf("value-%04d-", index) + strings.Repeat("x", index%100)
}
func Headers(index int) []Header {
	return []Header{{"index", fmt.Sprint(index)}, {"kind", "interop"}}
}

// Check compares one record that was read with what was written.
func Check(topic string, index int, key, value []byte, headers []Header) error {
	found := fmt.Sprint(string(key), string(value), headers)
	wanted := fmt.Sprint(Key(index), Value(index), Headers(index))
	if found != wanted {
		return fmt.Errorf("%s record %d: %s instead of %s", topic, index, found, wanted)
	}
	return nil
}

// Until waits for what a broker may learn a moment after the controller has answered, as Apache's does.
func Until[T comparable](look func() (T, error), wanted T, what string) error {
	for deadline := time.Now().Add(settleMax); ; time.Sleep(50 * time.Millisecond) {
		found, err := look()
		if err == nil && found == wanted {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: %v (%v) instead of %v", what, found, err, wanted)
		}
	}
}

// Each does the work with every variant, within a minute.
func Each(variants []string, work func(context.Context, string) error) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		defer cancel()
		for _, variant := range variants {
			if err := work(ctx, variant); err != nil {
				return fmt.Errorf("%s: %w", variant, err)
			}
		}
		return nil
	}
}

// Run prints the cell's line: green with detail, or red with the error.
func Run(cell string, variants []string, detail string, work func() error) {
	line := map[string]any{"cell": cell, "ok": true, "detail": detail, "variants": variants}
	if err := work(); err != nil {
		line["ok"], line["detail"], line["variants"] = false, err.Error(), []string{}
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}
