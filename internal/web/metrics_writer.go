package web

import (
	"net/http"
	"slices"
	"sync"

	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/exposition"
)

// newErrorsTotal returns the counter of errors while metrics are gathered and encoded, with the name and the labels
// that promhttp has for it.
func newErrorsTotal(registerer prometheus.Registerer) *prometheus.CounterVec {
	errors := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_errors_total",
		Help: "Total number of internal errors encountered by the promhttp metric handler.",
	}, []string{"cause"})
	errors.WithLabelValues("gathering")
	errors.WithLabelValues("encoding")
	registerer.MustRegister(errors)
	return errors
}

// writeMetrics writes the metrics of tasks and own, either of which may be nil, in the format that the client accepts.
// It has the features of promhttp: formats, the filter name[] and the counter of errors. It writes one family at a
// time, so the samples of a large OMS are never all in memory. After an error it aborts the response: otherwise a
// client could take a part of the list for the whole list.
func (s *Server) writeMetrics(
	w http.ResponseWriter, r *http.Request, tasks []exposition.Family, own prometheus.Gatherer,
) {
	var families []*dto.MetricFamily
	if own != nil {
		var err error
		if families, err = own.Gather(); err != nil { // a failing self-metric must not hide the tasks
			s.countError("gathering", err)
		}
	}
	m := metricsWriters.Get().(*metricsWriter)
	defer metricsWriters.Put(m)
	m.begin(w, r)
	err := m.writeFamilies(tasks, families, r.URL.Query()["name[]"])
	if ended := m.end(); err == nil {
		err = ended
	}
	switch {
	case err == nil:
	case r.Context().Err() != nil:
		s.errors.WithLabelValues("encoding").Inc()
		_ = level.Debug(s.options.Logger).Log("msg", "The client closed the connection before the metrics were sent",
			"path", r.URL.Path, "from", r.RemoteAddr)
		abort(r) // the client may have closed only its own side of the connection, and may still read
	default:
		s.countError("encoding", err)
		abort(r)
	}
}

// countError logs and counts an error while metrics are gathered or encoded.
func (s *Server) countError(cause string, err error) {
	s.errors.WithLabelValues(cause).Inc()
	_ = level.Warn(s.options.Logger).Log("msg", "The metrics could not be sent", "cause", cause, "err", err)
}

// metricsWriter writes one response. The next response reuses its buffers.
type metricsWriter struct {
	text    *exposition.TextWriter // for the tasks in a text format, and a buffer for encoder
	plain   bool                   // a text format, not protobuf
	encoder expfmt.Encoder         // for all other metrics; writes to text
}

var metricsWriters = sync.Pool{New: func() any { return &metricsWriter{text: exposition.NewTextWriter(nil, false)} }}

// begin negotiates the format and sets the headers.
func (m *metricsWriter) begin(w http.ResponseWriter, r *http.Request) {
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	header := w.Header()
	header.Add("Vary", "Accept")
	header.Set("Content-Type", string(format))
	kind := format.FormatType()
	m.plain = kind == expfmt.TypeTextPlain || kind == expfmt.TypeOpenMetrics
	m.text.Reset(disconnectWriter{ResponseWriter: w, request: r}, kind == expfmt.TypeOpenMetrics)
	m.encoder = expfmt.NewEncoder(m.text, format)
}

// writeFamilies writes the families of both sets, sorted by name: those in names, or all families if names is empty.
// The sets have no name in common.
func (m *metricsWriter) writeFamilies(tasks []exposition.Family, own []*dto.MetricFamily, names []string) error {
	for len(tasks)+len(own) > 0 {
		var err error
		if len(tasks) > 0 && (len(own) == 0 || tasks[0].Name < own[0].GetName()) {
			if isChosen(names, tasks[0].Name) {
				err = m.writeFamily(tasks[0])
			}
			tasks = tasks[1:]
		} else {
			if isChosen(names, own[0].GetName()) {
				err = m.encoder.Encode(own[0])
			}
			own = own[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *metricsWriter) writeFamily(f exposition.Family) error {
	if m.plain {
		return f.WriteText(m.text)
	}
	if model := f.Model(); model != nil {
		return m.encoder.Encode(model)
	}
	return nil
}

// end writes the rest of the response and releases the connection.
func (m *metricsWriter) end() error {
	var err error
	if closer, ok := m.encoder.(expfmt.Closer); ok {
		err = closer.Close() // OpenMetrics has a last line
	}
	if flushed := m.text.Flush(); err == nil {
		err = flushed
	}
	m.text.Reset(nil, false)
	m.encoder = nil
	return err
}

// disconnectWriter fails to write after the client has disconnected.
type disconnectWriter struct {
	http.ResponseWriter
	request *http.Request
}

func (w disconnectWriter) Write(p []byte) (int, error) {
	if err := w.request.Context().Err(); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}

// isChosen reports whether names contains a name, or is empty.
func isChosen(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

// writeText writes the families in names, or all families if names is empty.
func (s *Server) writeText(text *exposition.TextWriter, snapshots []*collector.Snapshot, names []string) error {
	for _, family := range s.metrics.Families(snapshots) {
		if !isChosen(names, family.Name) {
			continue
		}
		if err := family.WriteText(text); err != nil {
			return err
		}
	}
	return text.Flush()
}
