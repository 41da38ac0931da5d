"""Every topic and every process that can be started; the only place that knows Faust."""
