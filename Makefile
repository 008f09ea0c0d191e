# Every target is a thin call; without make: python3 bootstrap.py run|test|check|races|bench|soak|docs
# Settings pass through the environment: make run PORT=9000 FRESH=1 · make bench CASE=check-in
PYTHON ?= python3
export PORT FRESH CASE

.PHONY: run test check races bench soak docs
run test check races bench soak docs:
	@$(PYTHON) bootstrap.py $@
