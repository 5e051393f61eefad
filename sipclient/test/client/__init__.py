"""Tests of sipclient.client."""
