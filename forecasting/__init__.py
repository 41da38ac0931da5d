"""What happens to a series: aggregate, forecast, detect, incident; pure as well."""
