import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import java.nio.file.Files;
import java.nio.file.Path;

/** Parses each file with Trino's parser. Prints each that it refuses, and exits with 1 if there is one. */
public class CheckSyntax {
  public static void main(String[] args) throws Exception {
    var parser = new SqlParser();
    int refused = 0;
    for (String file : args) {
      try {
        parser.createStatement(Files.readString(Path.of(file)));
      } catch (ParsingException error) {
        refused += 1;
        System.out.println(Path.of(file).getFileName() + ": " + error.getMessage());
      }
    }
    System.exit(refused == 0 ? 0 : 1);
  }
}
