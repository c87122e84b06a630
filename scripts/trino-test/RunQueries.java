import com.fasterxml.jackson.databind.ObjectMapper;
import io.trino.plugin.memory.MemoryConnectorFactory;
import io.trino.sql.planner.optimizations.PlanNodeSearcher;
import io.trino.sql.planner.plan.TableScanNode;
import io.trino.testing.LocalQueryRunner;
import io.trino.testing.MaterializedResult;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import static io.trino.testing.TestingSession.testSessionBuilder;

/**
 * Runs the statements of a folder in Trino. `lines.ndjson` becomes the table `lines`. Each file `*.sql`, in the order of
 * the names, is executed; the rows are written to `*.rows.ndjson`, after one line with the types of the columns.
 */
public class RunQueries {
  private static final int LINES_PER_INSERT = 200;

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    var session = testSessionBuilder().setCatalog("memory").setSchema("default").build();
    try (LocalQueryRunner runner = LocalQueryRunner.create(session)) {
      runner.createCatalog("memory", new MemoryConnectorFactory(), Map.of());
      load(runner, Files.readAllLines(folder.resolve("lines.ndjson")));
      List<Path> files;
      try (var all = Files.list(folder)) {
        files = all.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
      }
      for (Path file : files) run(runner, file);
    }
    // Trino's threads keep the process alive.
    System.exit(0);
  }

  private static void load(LocalQueryRunner runner, List<String> lines) {
    for (int start = 0; start < lines.size(); start += LINES_PER_INSERT) {
      String values = lines.subList(start, Math.min(lines.size(), start + LINES_PER_INSERT)).stream()
          .map(line -> "('" + line.replace("'", "''") + "')")
          .collect(Collectors.joining(","));
      String rows = "SELECT CAST(line AS VARCHAR) AS line FROM (VALUES " + values + ") AS t (line)";
      runner.execute(start == 0 ? "CREATE TABLE lines AS " + rows : "INSERT INTO lines " + rows);
    }
  }

  private static void run(LocalQueryRunner runner, Path file) throws Exception {
    String sql = Files.readString(file);
    String name = file.getFileName().toString().replaceAll("\\.sql$", "");
    MaterializedResult result;
    try {
      result = runner.execute(sql);
    } catch (RuntimeException error) {
      throw new IllegalStateException("Trino refuses " + name + ": " + error.getMessage(), error);
    }
    var json = new ObjectMapper();
    var columns = result.getColumnNames();
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file.resolveSibling(name + ".rows.ndjson")))) {
      var types = new LinkedHashMap<String, Object>();
      IntStream.range(0, columns.size()).forEach(n -> types.put(columns.get(n), result.getTypes().get(n).getDisplayName()));
      out.println(json.writeValueAsString(types));
      for (var row : result.getMaterializedRows()) {
        var fields = new LinkedHashMap<String, Object>();
        IntStream.range(0, columns.size()).forEach(n -> fields.put(columns.get(n), row.getField(n)));
        out.println(json.writeValueAsString(fields));
      }
    }
    if (sql.startsWith("CREATE")) return;
    int scans = runner.inTransaction(session -> PlanNodeSearcher.searchFrom(runner.createPlan(session, sql).getRoot())
        .where(TableScanNode.class::isInstance).findAll().size());
    Files.writeString(file.resolveSibling(name + ".scans"), String.valueOf(scans));
  }
}
