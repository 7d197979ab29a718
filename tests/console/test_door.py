import subprocess
import sys
from pathlib import Path

from tests.console.scene import Browserless, add_operator
from tests.server_process import ServerProcess

PATHS = ("/console", "/console/", "/console/login", "/console/tables/account/list", "/console/style.css")


def test_without_an_operator_there_is_no_console(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        visitor = Browserless(server.port)

        assert {visitor.get(path).status for path in PATHS} == {404}
        assert {visitor.get(path).text for path in PATHS} == {visitor.get("/no/such/path").text}
        assert visitor.post("/console/login", name="olga", password="x").status == 404
        add_operator(tmp_path)
        assert visitor.get("/console/login").status == 200


def test_nothing_of_the_console_is_imported_before_it_is_opened() -> None:
    program = (
        "import sys, turnserver.server; from turnserver.settings import Durability, Settings;"
        "turnserver.server.Application(Settings(durability=Durability.NONE));"
        "print([name for name in ('sqladmin', 'jinja2', 'sqlalchemy', 'wtforms') if name in sys.modules])"
    )
    words = [sys.executable, "-c", program]

    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "[]\n"
